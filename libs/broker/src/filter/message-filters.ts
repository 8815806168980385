import { messageOf, RocketMQError, type Clock, type Logger } from '../../../common/src/index.js';
import { FilteredMessage } from './filtered-message.js';
import type { RecordMatch } from './record-match.js';

/** Whether consumers that subscribe by its name get a message. Called in the broker: it must be quick, and wait for nothing. */
export type MessageFilter = (message: FilteredMessage) => boolean;

/** By the names that consumers subscribe with (Java: a full class name). */
export type NamedMessageFilters = Readonly<Record<string, MessageFilter>>;

/** How a message filter does. */
export interface MessageFilterFigures {
  /** Messages it was asked about. */
  readonly asked: number;
  /** Of these, how often it threw, or answered with no boolean: these messages passed. */
  readonly failed: number;
  /** It was too slow, and is asked no more. */
  readonly isOff: boolean;
}

/** Milliseconds that so many messages may take, one after the other. */
const mostTime = 5;
const messagesTimed = 100;
/** How often in a row it may not: one stall of the process (a garbage collection, a busy machine) is not the filter's. */
const mostTimesOver = 2;
/** Milliseconds that the first of them may take: code is slow until the compiler has seen it at work. */
const mostTimeAtFirst = 1000;

/**
 * Filters of the broker's host, Apache's filter servers without the servers: trusted code of the process, never code of a
 * client. A filter that fails or takes too long costs no messages: they pass.
 */
export class MessageFilters {
  private readonly filters = new Map<string, RunningFilter>();

  /** @throws RocketMQError CONFIG_INVALID naming a filter that is no function. */
  constructor(filters: NamedMessageFilters, options: FilterOptions) {
    for (const [name, filter] of Object.entries(filters)) {
      if (typeof filter !== 'function' || name === '') {
        throw new RocketMQError('CONFIG_INVALID', `messageFilters: ${JSON.stringify(name)} must be a function`);
      }
      this.filters.set(name, new RunningFilter(name, filter, options));
    }
  }

  get names(): string[] {
    return [...this.filters.keys()];
  }

  find(name: string): RecordMatch | undefined {
    return this.filters.get(name)?.matches;
  }

  /** By name. */
  figures(): ReadonlyMap<string, MessageFilterFigures> {
    return new Map([...this.filters].map(([name, { figures }]) => [name, figures]));
  }
}

export interface FilterOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Largest body that a compressed one may become, in bytes. */
  readonly maxBodySize: number;
}

class RunningFilter {
  private asked = 0;
  private failed = 0;
  private isOff = false;
  /** Of the messages timed now: how many, and their milliseconds. */
  private timed = 0;
  private spent = 0;
  /** How often in a row they took too long. */
  private timesOver = 0;

  constructor(
    private readonly name: string,
    private readonly filter: MessageFilter,
    private readonly options: FilterOptions,
  ) {}

  get figures(): MessageFilterFigures {
    return { asked: this.asked, failed: this.failed, isOff: this.isOff };
  }

  readonly matches: RecordMatch = (record) => {
    if (this.isOff) return true;
    const { clock, maxBodySize } = this.options;
    this.asked++;
    const message = new FilteredMessage(record, maxBodySize);
    const begun = clock.monotonic();
    const isWanted = this.ask(message);
    this.watch(clock.monotonic() - begun);
    return isWanted;
  };

  private watch(spent: number): void {
    this.timed++;
    this.spent += spent;
    const isFirst = this.asked <= messagesTimed;
    const isOver = this.spent > (isFirst ? mostTimeAtFirst : mostTime);
    if (!isOver && this.timed < messagesTimed) return;
    this.timesOver = isOver ? this.timesOver + 1 : 0;
    if (this.timesOver === mostTimesOver || (isFirst && isOver)) this.switchOff(isFirst);
    this.timed = 0;
    this.spent = 0;
  }

  private ask(message: FilteredMessage): boolean {
    try {
      const answer: unknown = this.filter(message);
      if (typeof answer === 'boolean') return answer;
      this.fail(`it answered with ${typeof answer}, not with true or false`);
    } catch (error) {
      this.fail(messageOf(error));
    }
    return true;
  }

  /** Told at the first time, and then ever more rarely. */
  private fail(reason: string): void {
    const failed = ++this.failed;
    if (!Number.isInteger(Math.log10(failed))) return;
    const { name } = this;
    this.options.log.warn('a message filter failed, and the message passed', { filter: name, reason, failed });
  }

  private switchOff(isFirst: boolean): void {
    this.isOff = true;
    const allowed = isFirst ? `${mostTimeAtFirst} ms` : `${mostTimesOver} times in a row ${mostTime} ms`;
    const text = `message filter ${this.name} is switched off until the next start: it took more than ${allowed} for at most ${messagesTimed} messages, last for ${this.timed}. Its consumers get all messages`;
    this.options.log.error(text, { filter: this.name, spent: this.spent });
  }
}
