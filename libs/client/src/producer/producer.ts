import { RocketMQError, codeOf, createLifecycle, messageOf, type Lifecycle } from '../../../common/src/index.js';
import { getMaxOffset, sendMessageV2 } from '../../../protocol/src/index.js';
import { createUniqueIds } from '../../../protocol/src/message/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type {
  DelayedMessage,
  LocalTransaction,
  MessageQueue,
  OutgoingMessage,
  Producer,
  ProducerConfig,
  ReceivedMessage,
  ReplyMessage,
  RequestCallback,
  SendCallback,
  SendOptions,
  SendResult,
  TransactionSendOptions,
  TransactionSendResult,
} from '../contract/index.js';
import { compareQueues } from '../message-queue.js';
import { ThrottledLog } from '../throttled-log.js';
import { endTransactionTrace, type EndedTransaction } from '../trace/end-transaction-trace.js';
import { sendTrace } from '../trace/send-trace.js';
import type { TraceDispatcher } from '../trace/trace-dispatcher.js';
import { AsyncGate } from './async-gate.js';
import { BrokerFaults } from './broker-faults.js';
import { cancellationOf, recall } from './cancellation.js';
import { MessageEncoder, type SystemPart } from './message-encoder.js';
import { readProducerConfig, type ProducerSettings } from './producer-settings.js';
import { addressed } from './request-reply/reply-address.js';
import { Requester } from './request-reply/requester.js';
import { SendHooks } from './send-hooks.js';
import { TransactionChecks } from './transaction/transaction-checks.js';
import { TransactionSender } from './transaction/transaction-sender.js';
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
  readonly #gate: AsyncGate | undefined;
  readonly #transactions: TransactionSender;
  readonly #checks: TransactionChecks | undefined;
  readonly #requester: Requester;
  readonly #trace: TraceDispatcher | undefined;
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
    const { clientIP, namespace, unitMode } = core.settings;
    this.producerGroup = namespace.wrap(this.#settings.producerGroup);
    const nextId = createUniqueIds({ ip: clientIP, pid: process.pid, clock: core.clock, random: Math.random });
    this.#trace = this.#createTrace();
    this.#encoder = new MessageEncoder({ settings: this.#settings, codecs: core.codecs, namespace, nextId });
    this.#gate = this.#createGate();
    this.#parts = {
      core,
      settings: this.#settings,
      group: this.producerGroup,
      unitMode,
      retryLog: new ThrottledLog(core.clock, core.log),
      faults: this.#createFaults(),
      hooks: this.#createHooks(),
      lastSent: undefined,
    };
    this.#requester = new Requester({
      core,
      settings: this.#settings,
      checkTopic: (topic) => this.#encoder.checkTopic(topic),
      send: (message, options, system) => this.#sendPromised(message, options, system),
    });
    this.#transactions = this.#createTransactions();
    this.#checks = this.#createChecks();
    this.#lifecycle = createLifecycle({
      start: () => this.#start(),
      close: () => this.#close().finally(onClosed),
    });
  }

  get lastSent(): number | undefined {
    return this.#parts.lastSent;
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
    return this.#sendPromised(message, options, undefined);
  }

  async request(message: OutgoingMessage, options: SendOptions = noOptions): Promise<ReceivedMessage> {
    this.#refuseUnlessStarted();
    this.#underWay++;
    return this.#requester.request(message, options).finally(this.#onEnd);
  }

  requestAsync(message: OutgoingMessage, callback: RequestCallback, options: SendOptions = noOptions): void {
    this.request(message, options).then(
      (reply) => this.#callBack(() => callback.onSuccess(reply)),
      (error: unknown) => this.#callBack(() => callback.onException(error)),
    );
  }

  async reply(request: ReceivedMessage, reply: ReplyMessage, options: SendOptions = noOptions): Promise<SendResult> {
    const { message, system } = addressed(request, reply);
    return this.#sendPromised(message, options, system);
  }

  async cancelDelayed(
    delayed: DelayedMessage,
    options: Pick<SendOptions, 'timeout' | 'signal'> = noOptions,
  ): Promise<SendResult> {
    const { message, system, queue } = cancellationOf(delayed, this.core.settings.namespace);
    return this.#sendPromised(message, { ...options, queue }, system);
  }

  async recall(topic: string, recallHandle: string): Promise<string> {
    this.#refuseUnlessStarted();
    const timeout = this.#settings.sendMsgTimeout;
    return recall(this.core, { group: this.producerGroup, timeout, rule: this.#settings }, topic, recallHandle);
  }

  sendAsync(
    message: OutgoingMessage | readonly OutgoingMessage[],
    callback: SendCallback,
    options: SendOptions = noOptions,
  ): void {
    const guarded = (run: () => void): void => {
      this.#ended();
      this.#callBack(run);
    };
    // In a turn of its own, as after an await: nothing that a callback does may meet us halfway through a chunk of replies.
    const receiver: SendReceiver = {
      sent: (result) => queueMicrotask(() => guarded(() => callback.onSuccess(result))),
      refused: (error) => queueMicrotask(() => guarded(() => callback.onException(error))),
    };
    if (this.#gate !== undefined) return this.#sendThrough(this.#gate, message, options, receiver);
    this.#send(message, options, this.#settings.retryTimesWhenSendAsyncFailed, receiver, undefined);
  }

  async sendOneWay(message: OutgoingMessage, options: Omit<SendOptions, 'timeout'> = noOptions): Promise<void> {
    this.#refuseUnlessStarted();
    const encoded = await this.#encoder.encode(message);
    const { routes } = this.core;
    const known = routes.knownForPublish(encoded.topic) ?? (await routes.forPublish(encoded.topic, this.#settings));
    known.lastUsed = this.core.clock.monotonic();
    const queue = chooseQueue(known, encoded, options, undefined, this.#parts.faults);
    options.signal?.throwIfAborted();
    const header = sendHeaderOf(encoded, queue, this.#parts, this.core.clock.now());
    const address = masterOf(this.core, queue);
    const { hooks } = this.#parts;
    const attempt = hooks?.before(encoded, queue, address);
    const sending = this.core.remoting.oneWay(address, sendMessageV2, header, { body: encoded.body });
    if (attempt === undefined) return sending;
    return sending.then(
      () => hooks?.after(attempt, undefined, undefined),
      (error: unknown) => {
        hooks?.after(attempt, undefined, error);
        throw error;
      },
    );
  }

  async sendMessageInTransaction(
    message: OutgoingMessage,
    localTransaction?: LocalTransaction,
    options: TransactionSendOptions = noOptions,
  ): Promise<TransactionSendResult> {
    this.#refuseUnlessStarted();
    this.#underWay++;
    try {
      return await this.#transactions.send(message, localTransaction, options);
    } finally {
      this.#ended();
    }
  }

  async fetchPublishMessageQueues(topic: string): Promise<MessageQueue[]> {
    const { namespace } = this.core.settings;
    const known = await this.core.routes.forPublish(namespace.wrap(topic), this.#settings);
    return known.publishQueues.toSorted(compareQueues).map((queue) => namespace.unwrapQueue(queue));
  }

  async #start(): Promise<void> {
    await this.#tryCompression();
    await this.core.start();
    await this.#trace?.start();
    this.#parts.faults?.start();
    if (this.#checks !== undefined) this.core.checkedGroups.add(this.#checks);
    this.core.membership.addProducer(this.producerGroup);
    this.#state = started;
    await this.core.membership.beat();
  }

  /** What is not installed is missed now, and not at the first large message. */
  async #tryCompression(): Promise<void> {
    const { compressType, compressLevel } = this.#settings;
    if (compressType === 'ZLIB') return;
    await this.core.codecs.load(compressType);
    await this.core.codecs.get(compressType).compress(Buffer.from(compressType), compressLevel);
  }

  async #close(): Promise<void> {
    const wasStarted = this.#state === started;
    this.#state = closed;
    await this.flush();
    this.#closeChecks();
    this.#parts.faults?.close();
    await this.#trace?.close();
    if (wasStarted) await this.core.membership.removeProducer(this.producerGroup);
  }

  #refuseUnlessStarted(): void {
    if (this.#state === started) return;
    const why = this.#state === closed ? 'is closed' : 'is not started: call start() first';
    throw new RocketMQError('CLOSED', `The producer of group ${this.producerGroup} ${why}`);
  }

  #sendPromised(
    message: OutgoingMessage | readonly OutgoingMessage[],
    options: SendOptions,
    system: SystemPart | undefined,
  ): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      const receiver = new PromisedResult(resolve, reject, this.#onEnd);
      this.#send(message, options, this.#settings.retryTimesWhenSendFailed, receiver, system);
    });
  }

  #callBack(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.core.log.error('a send callback threw', { group: this.producerGroup, error: messageOf(error) });
    }
  }

  #send(
    message: OutgoingMessage | readonly OutgoingMessage[],
    options: SendOptions,
    retries: number,
    receiver: SendReceiver,
    system: SystemPart | undefined,
  ): void {
    this.#underWay++;
    try {
      this.#refuseUnlessStarted();
      new SendJob(this.#parts, options, retries, receiver).run(this.#encoder.encode(message, system));
    } catch (error) {
      receiver.refused(error);
    }
  }

  /** As an asynchronous send that may have to wait for its turn, within its own time. */
  #sendThrough(
    gate: AsyncGate,
    message: OutgoingMessage | readonly OutgoingMessage[],
    options: SendOptions,
    receiver: SendReceiver,
  ): void {
    const { clock } = this.core;
    const { sendMsgTimeout, retryTimesWhenSendAsyncFailed: retries } = this.#settings;
    const bytes = sizeOf(message);
    const timeout = options.timeout ?? sendMsgTimeout;
    const startedAt = clock.monotonic();
    const enter = (): void => {
      this.#underWay--;
      const left = timeout > 0 ? Math.max(1, timeout - (clock.monotonic() - startedAt)) : timeout;
      const leaving: SendReceiver = {
        sent(result) {
          gate.leave(bytes);
          receiver.sent(result);
        },
        refused(error) {
          gate.leave(bytes);
          receiver.refused(error);
        },
      };
      this.#send(message, { ...options, timeout: left }, retries, leaving, undefined);
    };
    // What waits is under way, too: close and flush wait for it.
    this.#underWay++;
    gate.pass(bytes, timeout, enter, (error) => receiver.refused(error));
  }

  #createTransactions(): TransactionSender {
    const { transactionListener: listener, retryTimesWhenSendFailed: retries } = this.#settings;
    return new TransactionSender({
      core: this.core,
      group: this.producerGroup,
      encoder: this.#encoder,
      listener,
      trace: this.#endTrace(),
      send: (encoded, options) =>
        new Promise((sent, refused) => new SendJob(this.#parts, options, retries, { sent, refused }).run(encoded)),
    });
  }

  #createChecks(): TransactionChecks | undefined {
    const { checkLocalTransaction: checker, checkThreadPoolMaxSize, checkRequestHoldMax } = this.#settings;
    if (checker === undefined) return undefined;
    const limits = { atOnce: checkThreadPoolMaxSize, mostWaiting: checkRequestHoldMax };
    const { core, producerGroup: group } = this;
    return new TransactionChecks({ core, group, checker, ...limits, trace: this.#endTrace() });
  }

  #endTrace(): ((ended: EndedTransaction) => void) | undefined {
    const dispatcher = this.#trace;
    const { clock, settings } = this.core;
    return dispatcher && endTransactionTrace({ dispatcher, clock, namespace: settings.namespace });
  }

  #closeChecks(): void {
    if (this.#checks === undefined) return;
    this.core.checkedGroups.remove(this.#checks);
    this.#checks.close();
  }

  #createTrace(): TraceDispatcher | undefined {
    const { enableMsgTrace, customizedTraceTopic: topic } = this.#settings;
    return enableMsgTrace ? this.core.createTrace({ group: this.producerGroup, type: 'PRODUCE', topic }) : undefined;
  }

  #createHooks(): SendHooks | undefined {
    const { clock, settings } = this.core;
    const hooks = [...this.#settings.hooks];
    const dispatcher = this.#trace;
    if (dispatcher !== undefined) hooks.push(sendTrace({ dispatcher, clock, namespace: settings.namespace }));
    return hooks.length === 0 ? undefined : new SendHooks(this.core, this.producerGroup, hooks);
  }

  #createGate(): AsyncGate | undefined {
    const { enableBackpressureForAsyncMode, backPressureForAsyncSendNum, backPressureForAsyncSendSize } =
      this.#settings;
    if (!enableBackpressureForAsyncMode) return undefined;
    const limits = { count: backPressureForAsyncSendNum, bytes: backPressureForAsyncSendSize };
    return new AsyncGate(limits, this.core.clock);
  }

  #createFaults(): BrokerFaults | undefined {
    if (!this.#settings.sendLatencyFaultEnable) return undefined;
    const { clock, log } = this.core;
    const probe = (brokerName: string): Promise<boolean | undefined> => this.#probe(brokerName);
    return new BrokerFaults({ clock, log, settings: this.#settings, probe });
  }

  /** Any answer will do, also a refusal. */
  async #probe(brokerName: string): Promise<boolean | undefined> {
    const { remoting, routes, settings } = this.core;
    const address = routes.masterOf(brokerName);
    if (address === undefined) return undefined;
    const header = { topic: this.#settings.createTopicKey, queueId: 0, bname: brokerName };
    try {
      const call = { timeout: this.#settings.detectTimeout };
      await remoting.call(vipAddress(address, settings.vipChannelEnabled), getMaxOffset, header, call);
      return true;
    } catch (error) {
      return codeOf(error) === 'REQUEST_REFUSED';
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

/** Bytes of the bodies, as far as they can be told before the message was looked at. */
function sizeOf(message: OutgoingMessage | readonly OutgoingMessage[]): number {
  const messages: readonly unknown[] = Array.isArray(message) ? message : [message];
  return messages.reduce<number>((sum, item) => {
    const body = typeof item === 'object' && item !== null && 'body' in item ? item.body : undefined;
    return sum + (typeof body === 'string' || Buffer.isBuffer(body) ? Math.max(1, Buffer.byteLength(body)) : 1);
  }, 0);
}
