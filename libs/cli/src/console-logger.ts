import {
  type Clock,
  formatLogLine,
  type LogContext,
  type Logger,
  nearest,
  RocketMQError,
} from '../../common/src/index.js';

const levels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof levels)[number] | 'off';

/**
 * Reads a level as --logLevel and LOG_LEVEL give it; quiet unless asked.
 *
 * @throws RocketMQError CONFIG_INVALID naming the levels there are.
 */
export function parseLogLevel(text: string | undefined): LogLevel {
  const level = text?.trim().toLowerCase() || 'warn';
  const known = [...levels, 'off'] as const;
  const found = known.find((name) => name === level);
  if (found) return found;
  const near = nearest(level, known);
  const question = near ? `; did you mean ${near}?` : '';
  throw new RocketMQError('CONFIG_INVALID', `the log level is one of ${known.join(', ')}, not "${level}"${question}`);
}

/** Lines of time, level, message and context, at `least` and above. */
export function createConsoleLogger(least: LogLevel, clock: Clock, write: (text: string) => void): Logger {
  const threshold = least === 'off' ? levels.length : levels.indexOf(least);
  const at = (level: (typeof levels)[number]) => (message: string, context?: LogContext) => {
    if (levels.indexOf(level) < threshold) return;
    const time = new Date(clock.now()).toISOString();
    write(`${time} ${level.toUpperCase().padEnd(5)} ${formatLogLine(message, context)}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
