import { createLifecycle, messageOf, pause, type Lifecycle, type Timer } from '../../../common/src/index.js';
import type { ClientCore } from '../client-core.js';
import type {
  MessageQueue,
  PullConsumer,
  PullScheduleConfig,
  PullScheduleService,
  PullTaskCallback,
} from '../contract/index.js';
import { Fifo } from '../fifo.js';
import { describeQueue, queueKey } from '../message-queue.js';
import { OptionReader } from '../option-reader.js';

const defaultDelay = 200;
const delayAfterFailure = 1_000;
/** Tasks under way get this long to end when the service closes. */
const awaitTermination = 10_000;

interface PullTask {
  readonly queue: MessageQueue;
  readonly cancelled: AbortController;
  timer: Timer | undefined;
}

/** One task a queue, called again a while after it ended; so many at once as `pullThreadNums` says. */
export class QueuePullSchedule implements PullScheduleService {
  readonly pullConsumer: PullConsumer;
  readonly #pullThreadNums: number;
  readonly #callbacks = new Map<string, PullTaskCallback>();
  readonly #tasks = new Map<string, PullTask>();
  readonly #ready = new Fifo<PullTask>();
  readonly #running = new Set<Promise<void>>();
  readonly #lifecycle: Lifecycle;

  constructor(
    private readonly core: Pick<ClientCore, 'clock' | 'log'>,
    { pullThreadNums, ...config }: PullScheduleConfig,
    createConsumer: (config: Omit<PullScheduleConfig, 'pullThreadNums'>) => PullConsumer,
    onClosed: () => Promise<void>,
  ) {
    const read = new OptionReader('PullScheduleConfig', { pullThreadNums });
    this.#pullThreadNums = read.integer('pullThreadNums', 20, { min: 1, max: 1_000 });
    read.finish();
    this.pullConsumer = createConsumer(config);
    this.#lifecycle = createLifecycle({
      start: () => this.pullConsumer.start(),
      close: () => this.#close().finally(onClosed),
    });
  }

  start(): Promise<void> {
    return this.#lifecycle.start();
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  registerPullTaskCallback(topic: string, callback: PullTaskCallback): void {
    this.#callbacks.set(topic, callback);
    this.pullConsumer.registerMessageQueueListener(topic, (_topic, _all, own) => this.#share(topic, own));
  }

  #share(topic: string, own: readonly MessageQueue[]): void {
    const keys = new Set(own.map(queueKey));
    for (const [key, task] of this.#tasks) if (task.queue.topic === topic && !keys.has(key)) this.#cancel(key, task);
    for (const queue of own) {
      if (this.#tasks.has(queueKey(queue))) continue;
      const task: PullTask = { queue, cancelled: new AbortController(), timer: undefined };
      this.#tasks.set(queueKey(queue), task);
      this.#offer(task);
    }
  }

  #cancel(key: string, task: PullTask): void {
    this.#tasks.delete(key);
    task.cancelled.abort();
    task.timer?.cancel();
  }

  #offer(task: PullTask): void {
    this.#ready.push(task);
    this.#runNext();
  }

  #runNext(): void {
    while (this.#running.size < this.#pullThreadNums) {
      const task = this.#ready.shift();
      if (task === undefined) return;
      if (task.cancelled.signal.aborted) continue;
      const run = this.#run(task).then((delay) => {
        this.#running.delete(run);
        if (!task.cancelled.signal.aborted) task.timer = this.core.clock.after(delay, () => this.#offer(task));
        this.#runNext();
      });
      this.#running.add(run);
    }
  }

  /** @returns milliseconds to the next time. */
  async #run({ queue, cancelled }: PullTask): Promise<number> {
    let delay = defaultDelay;
    const setPullNextDelayTimeMillis = (millis: number): void => {
      delay = Math.max(0, millis);
    };
    try {
      const { pullConsumer } = this;
      await this.#callbacks.get(queue.topic)?.(queue, {
        pullConsumer,
        setPullNextDelayTimeMillis,
        signal: cancelled.signal,
      });
      return delay;
    } catch (error) {
      this.core.log.warn('a pull task failed; it is called again in a second', {
        group: this.pullConsumer.consumerGroup,
        queue: describeQueue(queue),
        error: messageOf(error),
      });
      return delayAfterFailure;
    }
  }

  async #close(): Promise<void> {
    for (const [key, task] of this.#tasks) this.#cancel(key, task);
    const waited = new AbortController();
    const deadline = pause(this.core.clock, awaitTermination, waited.signal);
    await Promise.race([Promise.all(this.#running), deadline]);
    waited.abort();
    await this.pullConsumer.close();
  }
}
