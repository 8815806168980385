import { silentLogger, systemClock, type Clock } from '../../common/src/index.js';
import {
  ResponseCode,
  checkClientConfig,
  consumerSendMsgBack,
  decodeRecallHandle,
  endTransaction,
  getBrokerClusterInfo,
  getConsumerConnectionList,
  getConsumerListByGroup,
  getMaxOffset,
  getMinOffset,
  getRouteinfoByTopic,
  heartBeat,
  lockBatchMq,
  notifyConsumerIdsChanged,
  pullMessage,
  pushReplyMessageToClient,
  queryConsumerOffset,
  queryMessage,
  recallMessage,
  searchOffsetByTimestamp,
  sendBatchMessage,
  sendMessageV2,
  sendReplyMessageV2,
  unlockBatchMq,
  unregisterClient,
  updateAndCreateTopic,
  updateConsumerOffset,
  viewMessageById,
  type Heartbeat,
  type PullHeader,
  type QueueLock,
  type RequestHeader,
  type SendHeader,
  type TopicRoute,
} from '../../protocol/src/index.js';
import {
  MessageProperty,
  PullSysFlag,
  encodeMessage,
  propertyOf,
  withProperty,
} from '../../protocol/src/message/index.js';
import {
  createRemotingServer,
  fail,
  handle,
  hold,
  ok,
  type AnyHandler,
  type Connection,
  type Exchange,
  type Outcome,
  type RemotingServer,
} from '../../remoting/src/index.js';
import { recordInput } from './pulled-message.js';

/** What a test puts in the way of one request: an outcome, or undefined to let it pass. */
export type Interception = (exchange: Exchange) => Outcome<unknown> | undefined;

interface FakeMessage {
  readonly body: Buffer;
  readonly properties: string;
  readonly sysFlag: number;
}

const clusterName = 'c';

type Parked = Exchange<typeof pullMessage>;

/**
 * A broker that remembers what it was told and does as the test says, over real sockets: for answers that a sound broker
 * gives only in trouble.
 */
export class FakeBroker {
  readonly sends: { readonly header: SendHeader; readonly batch: boolean }[] = [];
  readonly pulls: PullHeader[] = [];
  readonly heartbeats: Heartbeat[] = [];
  readonly unregistered: { readonly producerGroup?: string; readonly consumerGroup?: string }[] = [];
  /** Group, topic and queue id, joined by "/". */
  readonly offsets = new Map<string, number>();
  /** Messages that consumers gave back. */
  readonly sentBack: RequestHeader<typeof consumerSendMsgBack>[] = [];
  /** How transactions ended. */
  readonly ends: RequestHeader<typeof endTransaction>[] = [];
  /** Who holds the lock of a queue, by group, topic and queue id, joined by "/". */
  readonly locks = new Map<string, string>();
  /** Client ids by group. Heartbeats add to it. */
  readonly members = new Map<string, Set<string>>();
  /** True: requests are taken and not answered, as when the network between is cut. */
  silent = false;
  readonly #queues = new Map<string, FakeMessage[]>();
  readonly #parked = new Map<string, Parked>();
  readonly #connections = new Set<Connection>();
  /** By client id, as heartbeats came. */
  readonly #clients = new Map<string, Connection>();
  readonly #interceptions = new Map<string, Interception>();
  #server: RemotingServer;

  constructor(
    readonly name: string,
    private readonly clock: Clock = systemClock,
  ) {
    this.#server = this.#createServer(0);
  }

  get address(): string {
    return `127.0.0.1:${this.#server.port}`;
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Goes down and comes up on the same port, with nothing remembered of its clients. */
  async restart(): Promise<void> {
    const { port } = this.#server;
    await this.close();
    this.members.clear();
    this.#parked.clear();
    this.#server = this.#createServer(port);
    await this.start();
  }

  /** Puts something in the way of the request with this name; undefined takes it away. */
  intercept(name: string, interception: Interception | undefined): void {
    if (interception === undefined) this.#interceptions.delete(name);
    else this.#interceptions.set(name, interception);
  }

  messagesIn(topic: string, queueId: number): FakeMessage[] {
    const key = `${topic}/${queueId}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) this.#queues.set(key, (queue = []));
    return queue;
  }

  /** Stores a message and answers whoever waits for one there. */
  store(topic: string, queueId: number, message: Partial<FakeMessage> & { readonly body: Buffer }): void {
    this.messagesIn(topic, queueId).push({ properties: '', sysFlag: 0, ...message });
    const key = `${topic}/${queueId}`;
    const parked = this.#parked.get(key);
    this.#parked.delete(key);
    if (parked !== undefined) parked.reply(this.#pull(parked) as never);
  }

  /** Hands a reply to the client it is for; rejects when that one sent no heartbeat here. */
  async pushReply(header: SendHeader, body: Buffer): Promise<void> {
    const properties = String(header.properties ?? '');
    const requester = this.#clients.get(propertyOf(properties, MessageProperty.REPLY_TO_CLIENT) ?? '');
    if (requester === undefined) throw new Error('the requester sent no heartbeat');
    const now = this.clock.now();
    const hosts = { bornHost: '127.0.0.1:1', storeHost: this.address, storeTimestamp: now };
    await requester.call(pushReplyMessageToClient, { ...header, ...hosts, properties }, { body, timeout: 5_000 });
  }

  /** Tells all clients that a group's members changed. */
  notify(consumerGroup: string): void {
    for (const connection of this.#connections) connection.oneWay(notifyConsumerIdsChanged, { consumerGroup });
  }

  /** The client connections that are open. */
  get connections(): readonly Connection[] {
    return [...this.#connections].filter((connection) => !connection.closed);
  }

  #createServer(port: number): RemotingServer {
    return createRemotingServer({
      port,
      clock: this.clock,
      log: silentLogger,
      handlers: this.#handlers(),
      onConnection: (connection) => {
        this.#connections.add(connection);
        connection.onClose(() => this.#connections.delete(connection));
      },
    });
  }

  #handlers(): AnyHandler[] {
    const serve: typeof handle = (declaration, guards, run) =>
      handle(declaration, guards, (exchange) => {
        if (this.silent) return hold;
        const intercepted = this.#interceptions.get(declaration.name)?.(exchange);
        return (intercepted as ReturnType<typeof run> | undefined) ?? run(exchange);
      });
    return [...this.#messageHandlers(serve), ...this.#groupHandlers(serve), ...this.#offsetHandlers(serve)];
  }

  #messageHandlers(serve: typeof handle): AnyHandler[] {
    return [
      serve(sendMessageV2, [], ({ header, bytes }) => ok(this.#store(header, bytes, false))),
      serve(sendBatchMessage, [], ({ header, bytes }) => ok(this.#store(header, bytes, true))),
      serve(sendReplyMessageV2, [], async (exchange) => {
        const body = Buffer.from(exchange.bytes);
        const { header } = exchange;
        this.sends.push({ header, batch: false });
        await this.pushReply(header, body);
        return ok({ msgId: '0', queueId: header.queueId, queueOffset: 0, transactionId: undefined });
      }),
      serve(pullMessage, [], (exchange) => {
        this.pulls.push(exchange.header);
        return this.#pull(exchange) ?? this.#park(exchange);
      }),
      serve(updateAndCreateTopic, [], () => ok({})),
      serve(recallMessage, [], ({ header }) => ok({ msgId: decodeRecallHandle(header.recallHandle).messageId })),
      serve(endTransaction, [], ({ header }) => {
        this.ends.push(header);
        return ok({});
      }),
      serve(queryMessage, [], ({ header }) => {
        const body = this.#records(header.topic).filter((record) => record.includes(header.key));
        const reply = { indexLastUpdateTimestamp: 1, indexLastUpdatePhyoffset: 0 };
        return body.length > 0 ? ok(reply, { body }) : fail(ResponseCode.QUERY_NOT_FOUND, 'no message', reply);
      }),
      serve(viewMessageById, [], ({ header }) => {
        const body = this.#records(String(header.topic))[header.offset];
        return body === undefined ? fail(ResponseCode.SYSTEM_ERROR, 'can not find message') : ok({}, { body });
      }),
    ];
  }

  #groupHandlers(serve: typeof handle): AnyHandler[] {
    return [
      serve(heartBeat, [], (exchange) => {
        const heartbeat = exchange.body();
        this.heartbeats.push(heartbeat);
        this.#clients.set(heartbeat.clientID, exchange.connection);
        for (const { groupName } of heartbeat.consumerDataSet) {
          this.members.set(groupName, (this.members.get(groupName) ?? new Set()).add(heartbeat.clientID));
        }
        return ok({});
      }),
      serve(unregisterClient, [], ({ header: { clientID, producerGroup, consumerGroup } }) => {
        this.unregistered.push({ producerGroup, consumerGroup });
        this.members.get(consumerGroup ?? '')?.delete(clientID);
        return ok({});
      }),
      serve(getConsumerListByGroup, [], ({ header }) => {
        const consumerIdList = [...(this.members.get(header.consumerGroup) ?? [])];
        return consumerIdList.length > 0
          ? ok({}, { body: { consumerIdList } })
          : fail(ResponseCode.SYSTEM_ERROR, 'empty');
      }),
      serve(checkClientConfig, [], () => ok({})),
      serve(getConsumerConnectionList, [], ({ header }) => this.#connectionsOf(header.consumerGroup)),
      serve(consumerSendMsgBack, [], ({ header }) => {
        this.sentBack.push(header);
        return ok({});
      }),
      serve(lockBatchMq, [], (exchange) => {
        const asked = exchange.body();
        const lockOKMQSet = asked.mqSet.filter((queue) => {
          const key = lockKey(asked, queue);
          if ((this.locks.get(key) ?? asked.clientId) !== asked.clientId) return false;
          this.locks.set(key, asked.clientId);
          return true;
        });
        return ok({}, { body: { lockOKMQSet } });
      }),
      serve(unlockBatchMq, [], (exchange) => {
        const given = exchange.body();
        for (const queue of given.mqSet) {
          if (this.locks.get(lockKey(given, queue)) === given.clientId) this.locks.delete(lockKey(given, queue));
        }
        return ok({});
      }),
    ];
  }

  #offsetHandlers(serve: typeof handle): AnyHandler[] {
    return [
      serve(queryConsumerOffset, [], ({ header }) => {
        const offset = this.offsets.get(`${header.consumerGroup}/${header.topic}/${header.queueId}`);
        return offset === undefined ? fail(ResponseCode.QUERY_NOT_FOUND, 'none') : ok({ offset });
      }),
      serve(updateConsumerOffset, [], ({ header }) => {
        this.offsets.set(`${header.consumerGroup}/${header.topic}/${header.queueId}`, header.commitOffset);
        return ok({});
      }),
      serve(getMaxOffset, [], ({ header }) => ok({ offset: this.messagesIn(header.topic, header.queueId).length })),
      serve(getMinOffset, [], () => ok({ offset: 0 })),
      serve(searchOffsetByTimestamp, [], () => ok({ offset: 1 })),
    ];
  }

  /** Of queue 0; a message's physical offset is its place there. */
  #records(topic: string): Buffer[] {
    const place = { topic, queueId: 0, storeHost: { ip: '127.0.0.1', port: this.#server.port } };
    return this.messagesIn(topic, 0).map((message, i) =>
      encodeMessage(recordInput({ ...message, ...place, queueOffset: i, physicalOffset: i })),
    );
  }

  #connectionsOf(group: string): Outcome<typeof getConsumerConnectionList> {
    const last = this.heartbeats.findLast((beat) => beat.consumerDataSet.some(({ groupName }) => groupName === group));
    const data = last?.consumerDataSet.find(({ groupName }) => groupName === group);
    const ids = [...(this.members.get(group) ?? [])];
    if (data === undefined || ids.length === 0) return fail(ResponseCode.CONSUMER_NOT_ONLINE, 'nobody is online');
    const { consumeType, messageModel, consumeFromWhere, subscriptionDataSet } = data;
    const connectionSet = ids.map((clientId) => ({ clientId, clientAddr: '', language: 'OTHER' as const, version: 0 }));
    const subscriptionTable = new Map(subscriptionDataSet.map((subscription) => [subscription.topic, subscription]));
    return ok({}, { body: { connectionSet, consumeType, messageModel, consumeFromWhere, subscriptionTable } });
  }

  #store(header: SendHeader, bytes: Buffer, batch: boolean) {
    this.sends.push({ header, batch });
    const queueOffset = this.messagesIn(header.topic, header.queueId).length;
    const { sysFlag } = header;
    // As every broker does: replies find their way by it.
    const properties = withProperty(String(header.properties ?? ''), MessageProperty.CLUSTER, clusterName);
    this.store(header.topic, header.queueId, { body: Buffer.from(bytes), properties, sysFlag });
    return { msgId: 'OFFSET-ID', queueId: header.queueId, queueOffset, transactionId: undefined };
  }

  #park(exchange: Parked): typeof hold {
    this.#parked.set(`${exchange.header.topic}/${exchange.header.queueId}`, exchange);
    return hold;
  }

  /** Undefined: nothing there, and the request may wait. */
  #pull({ header }: Parked): Outcome<typeof pullMessage> | undefined {
    const { topic, queueId, queueOffset, maxMsgNums, sysFlag } = header;
    const queue = this.messagesIn(topic, queueId);
    if (queueOffset > queue.length) {
      const reply = { suggestWhichBrokerId: 0, nextBeginOffset: queue.length, minOffset: 0, maxOffset: queue.length };
      return fail(ResponseCode.PULL_OFFSET_MOVED, 'no such offset', reply);
    }
    const found = queue.slice(queueOffset, queueOffset + maxMsgNums);
    const nextBeginOffset = queueOffset + found.length;
    const reply = { suggestWhichBrokerId: 0, nextBeginOffset, minOffset: 0, maxOffset: queue.length };
    if (found.length === 0) {
      return sysFlag & PullSysFlag.SUSPEND ? undefined : fail(ResponseCode.PULL_NOT_FOUND, 'nothing', reply);
    }
    const body = found.map((message, i) =>
      encodeMessage(recordInput({ ...message, topic, queueId, queueOffset: queueOffset + i })),
    );
    return ok(reply, { body });
  }
}

function lockKey({ consumerGroup }: QueueLock, queue: { readonly topic: string; readonly queueId: number }): string {
  return `${consumerGroup}/${queue.topic}/${queue.queueId}`;
}

/** A name server and its brokers. Every topic has `queues` queues on each broker. */
export class FakeCluster {
  readonly brokers: readonly FakeBroker[];
  /** Queues per broker, by topic. TBW102 is not among them unless a test puts it there. */
  readonly topics = new Map<string, number>();
  /** Slaves by the name of their master. A test starts and closes its own. */
  readonly slaves = new Map<string, FakeBroker>();
  /** Brokers whose master is not registered. */
  readonly masterless = new Set<string>();
  /** Who runs filters that are subscribed to by name, by the address of a broker. */
  readonly filterServers = new Map<string, readonly string[]>();
  /** Topics asked for, in order. */
  readonly routesAsked: string[] = [];
  /** True: the name server takes requests and does not answer. */
  silent = false;
  readonly #server: RemotingServer;

  constructor(
    brokerNames: readonly string[] = ['broker-a'],
    /** Of the name server; 0 for a free one. */
    port = 0,
  ) {
    this.brokers = brokerNames.map((name) => new FakeBroker(name));
    this.#server = createRemotingServer({
      port,
      clock: systemClock,
      log: silentLogger,
      handlers: [
        handle(getRouteinfoByTopic, [], ({ header }) => {
          if (this.silent) return hold;
          this.routesAsked.push(header.topic);
          const body = this.#routeOf(header.topic);
          return body === undefined ? fail(ResponseCode.TOPIC_NOT_EXIST, 'No topic route info') : ok({}, { body });
        }),
        handle(getBrokerClusterInfo, [], () => {
          const brokerAddrTable = new Map(this.#brokerDatas().map((data) => [data.brokerName, data] as const));
          return ok(
            {},
            { body: { brokerAddrTable, clusterAddrTable: new Map([[clusterName, [...brokerAddrTable.keys()]]]) } },
          );
        }),
      ],
    });
  }

  get nameServer(): string {
    return `127.0.0.1:${this.#server.port}`;
  }

  /** The first broker. */
  get broker(): FakeBroker {
    return this.brokers[0] as FakeBroker;
  }

  async start(): Promise<void> {
    for (const server of [this.#server, ...this.brokers]) await server.start();
  }

  async close(): Promise<void> {
    for (const server of [...this.brokers, this.#server]) await server.close();
  }

  #routeOf(topic: string): TopicRoute | undefined {
    const nums = this.topics.get(topic);
    if (nums === undefined) return undefined;
    return {
      brokerDatas: this.#brokerDatas(),
      queueDatas: this.brokers.map(({ name }) => ({
        brokerName: name,
        perm: 6,
        readQueueNums: nums,
        writeQueueNums: nums,
        topicSysFlag: 0,
      })),
      filterServerTable: this.filterServers,
    };
  }

  #brokerDatas() {
    return this.brokers.map(({ name, address }) => {
      const slave = this.slaves.get(name);
      const brokerAddrs = new Map(this.masterless.has(name) ? [] : [[0, address]]);
      if (slave !== undefined) brokerAddrs.set(1, slave.address);
      return { brokerName: name, cluster: clusterName, brokerAddrs };
    });
  }
}
