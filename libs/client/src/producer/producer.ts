import { RocketMQError, createLifecycle, messageOf, type Lifecycle } from '../../../common/src/index.js';
import { sendMessageV2 } from '../../../protocol/src/index.js';
import { createUniqueIds } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type {
  MessageQueue,
  OutgoingMessage,
  Producer,
  ProducerConfig,
  SendCallback,
  SendOptions,
  SendResult,
} from '../contract/index.js';
import { compareQueues } from '../message-queue.js';
import { ThrottledLog } from '../throttled-log.js';
import { MessageEncoder } from './message-encoder.js';
import { readProducerConfig, type ProducerSettings } from './producer-settings.js';
import { SendJob, chooseQueue, masterOf, sendHeaderOf, type SendParts, type SendReceiver } from './send-job.js';

const started = 'started';
const created = 'created';
const closed = 'closed';
const noOptions: SendOptions = {};

/** What applications send with. Each send is a job of its own; this counts them and lets them begin. */
export class MessageProducer implements Producer {
  readonly producerGroup: string;
  readonly #settings: ProducerSettings;
  readonly #encoder: MessageEncoder;
  readonly #lifecycle: Lifecycle;
  readonly #parts: SendParts;
  #state: typeof created | typeof started | typeof closed = created;
  #underWay = 0;
  #onIdle: (() => void)[] = [];
  readonly #onEnd = (): void => this.#ended();

  constructor(
    private readonly core: ClientCore,
    config: ProducerConfig,
    onClosed: () => Promise<void>,
  ) {
    this.#settings = readProducerConfig(config);
    this.producerGroup = this.#settings.producerGroup;
    const { clientIP } = core.settings;
    const nextId = createUniqueIds({ ip: clientIP, pid: process.pid, clock: core.clock, random: Math.random });
    this.#encoder = new MessageEncoder(this.#settings, nextId);
    this.#parts = { core, settings: this.#settings, retryLog: new ThrottledLog(core.clock, core.log) };
    this.#lifecycle = createLifecycle({
      start: () => this.#start(),
      close: () => this.#close().finally(onClosed),
    });
  }

  start(): Promise<void> {
    return this.#lifecycle.start();
  }

  /** Waits for sends under way: each ends by its own deadline. */
  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  flush(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  send(message: OutgoingMessage | readonly OutgoingMessage[], options: SendOptions = noOptions): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      const receiver = new PromisedResult(resolve, reject, this.#onEnd);
      this.#send(message, options, this.#settings.retryTimesWhenSendFailed, receiver);
    });
  }

  sendAsync(
    message: OutgoingMessage | readonly OutgoingMessage[],
    callback: SendCallback,
    options: SendOptions = noOptions,
  ): void {
    const guarded = (run: () => void): void => {
      this.#ended();
      try {
        run();
      } catch (error) {
        this.core.log.error('a send callback threw', { group: this.producerGroup, error: messageOf(error) });
      }
    };
    // In a turn of its own, as after an await: nothing that a callback does may meet us halfway through a chunk of replies.
    this.#send(message, options, this.#settings.retryTimesWhenSendAsyncFailed, {
      sent: (result) => queueMicrotask(() => guarded(() => callback.onSuccess(result))),
      refused: (error) => queueMicrotask(() => guarded(() => callback.onException(error))),
    });
  }

  async sendOneWay(message: OutgoingMessage, options: Omit<SendOptions, 'timeout'> = noOptions): Promise<void> {
    this.#refuseUnlessStarted();
    const encoded = await this.#encoder.encode(message);
    const { routes } = this.core;
    const known = routes.knownForPublish(encoded.topic) ?? (await routes.forPublish(encoded.topic, this.#settings));
    known.lastUsed = this.core.clock.monotonic();
    const queue = chooseQueue(known, encoded, options, undefined);
    options.signal?.throwIfAborted();
    const header = sendHeaderOf(encoded, queue, this.#settings, this.core.clock.now());
    await this.core.remoting.oneWay(masterOf(this.core, queue), sendMessageV2, header, { body: encoded.body });
  }

  async fetchPublishMessageQueues(topic: string): Promise<MessageQueue[]> {
    const known = await this.core.routes.forPublish(topic, this.#settings);
    return known.publishQueues.toSorted(compareQueues);
  }

  async #start(): Promise<void> {
    await this.core.start();
    this.core.membership.addProducer(this.producerGroup);
    this.#state = started;
    await this.core.membership.beat();
  }

  async #close(): Promise<void> {
    const wasStarted = this.#state === started;
    this.#state = closed;
    await this.flush();
    if (wasStarted) await this.core.membership.removeProducer(this.producerGroup);
  }

  #refuseUnlessStarted(): void {
    if (this.#state === started) return;
    const why = this.#state === closed ? 'is closed' : 'is not started: call start() first';
    throw new RocketMQError('CLOSED', `The producer of group ${this.producerGroup} ${why}`);
  }

  #send(
    message: OutgoingMessage | readonly OutgoingMessage[],
    options: SendOptions,
    retries: number,
    receiver: SendReceiver,
  ): void {
    this.#underWay++;
    try {
      this.#refuseUnlessStarted();
      new SendJob(this.#parts, options, retries, receiver).run(this.#encoder.encode(message));
    } catch (error) {
      receiver.refused(error);
    }
  }

  #ended(): void {
    if (--this.#underWay > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

class PromisedResult implements SendReceiver {
  constructor(
    private readonly resolve: (result: SendResult) => void,
    private readonly reject: (error: unknown) => void,
    private readonly onEnd: () => void,
  ) {}

  sent(result: SendResult): void {
    this.onEnd();
    this.resolve(result);
  }

  refused(error: unknown): void {
    this.onEnd();
    this.reject(error);
  }
}
