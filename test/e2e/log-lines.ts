import type { LoggerService } from '@nestjs/common';

/** What an application logs, of whatever level, a text each. */
export class LogLines implements LoggerService {
  readonly lines: string[] = [];
  log = (line: unknown): void => void this.lines.push(String(line));
  warn = this.log;
  error = this.log;
}
