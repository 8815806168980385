import type { INestApplicationContext } from '@nestjs/common';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { SpringEvent, SpringPeer } from '../../../libs/testkit/src/index.js';
import {
  RocketMQMessage,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQReplyListener,
  RocketMQTemplate,
  RocketMQTransactionListener,
  type ReceivedMessage,
  type RocketMQContext,
  type TransactionState,
} from '../../../src/index.js';
import { Mailbox } from '../../e2e/mailbox.js';
import { freshName, type Arena, type Cluster } from './arena.js';

/** What one of our listeners got. */
export interface Heard {
  readonly listener: 'texts' | 'orders' | 'bytes' | 'raw' | 'checks';
  readonly payload: unknown;
  readonly tags: string | undefined;
  readonly keys: readonly string[];
  readonly queueId: number;
  readonly properties: Readonly<Record<string, string>>;
}

export interface Topics {
  readonly toSpring: string;
  readonly toOurs: string;
  readonly askSpring: string;
  readonly askOurs: string;
}

/** An application of rocketmq-spring and one of ours on the same servers, and what the listeners of each got. */
export interface SpringStage {
  readonly topics: Topics;
  readonly template: RocketMQTemplate;
  readonly heardByOurs: Mailbox<Heard>;
  readonly heardBySpring: Mailbox<SpringEvent>;
  /** An operation of test/interop/spring/SpringSends.java. */
  readonly spring: (op: string, args: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

/** What the Java class Order of the peer is. */
export class Order {
  id!: number;
  customer!: string;
  items!: string[];
  placedAt!: string;
}

const first = { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' } as const;

export async function openSpringStage(arena: Arena, { nameServer, broker }: Cluster): Promise<SpringStage> {
  const [toSpring = '', toOurs = '', askSpring = '', askOurs = ''] = await Promise.all(
    ['to-spring', 'to-ours', 'ask-spring', 'ask-ours'].map((name) =>
      arena.createTopic({ nameServer, broker }, 2, freshName(name)),
    ),
  );
  const topics = { toSpring, toOurs, askSpring, askOurs };
  const heardByOurs = new Mailbox<Heard>();
  const heardBySpring = new Mailbox<SpringEvent>();
  const peer = await arena.spring();
  const application = freshName('application');
  peer.heard.add((event) => {
    if (event.application === application) heardBySpring.put(event);
  });
  const [app] = await Promise.all([
    startOurs(nameServer.address, topics, heardByOurs),
    startSpring(peer, application, nameServer.address, topics),
  ]);
  arena.retireLater(app);
  const spring = (op: string, args: object): Promise<unknown> => peer.call(op, { ...args, application });
  return { topics, template: app.get(RocketMQTemplate), heardByOurs, heardBySpring, spring };
}

async function startSpring(peer: SpringPeer, application: string, nameServer: string, topics: Topics): Promise<void> {
  const properties = {
    'rocketmq.name-server': nameServer,
    'rocketmq.producer.group': freshName('spring-producers'),
    'to.spring': topics.toSpring,
    'ask.spring': topics.askSpring,
    'logging.level.root': 'warn',
    'spring.jmx.enabled': 'false',
  };
  await peer.call('application.start', { application, properties });
}

function startOurs(nameServer: string, topics: Topics, heard: Mailbox<Heard>): Promise<INestApplicationContext> {
  const producerGroup = freshName('our-producers');
  @Module({
    imports: [RocketMQModule.forRoot({ nameServer, producer: { producerGroup } })],
    providers: ourListeners(topics, heard),
  })
  class Ours {}
  return NestFactory.createApplicationContext(Ours, { logger: false });
}

function ourListeners({ toOurs, askOurs }: Topics, heard: Mailbox<Heard>) {
  const note = (listener: Heard['listener'], payload: unknown, message: ReceivedMessage): void => {
    const { tags, keys, queueId } = message;
    heard.put({ listener, payload, tags, keys, queueId, properties: Object.fromEntries(message.properties) });
  };
  const duties = { topic: toOurs, consumerGroup: `${toOurs}-duties`, ...first };
  @Injectable()
  class Duties {
    @RocketMQMessageListener({ ...duties, selectorExpression: 'text', payloadType: String })
    text(text: string, { message }: RocketMQContext): void {
      note('texts', text, message);
    }
    @RocketMQMessageListener({ ...duties, selectorExpression: 'order', payloadType: Order })
    order(order: Order, { message }: RocketMQContext): void {
      note('orders', order, message);
    }
    @RocketMQMessageListener({ ...duties, selectorExpression: 'bytes', payloadType: Buffer })
    bytes(bytes: Buffer, { message }: RocketMQContext): void {
      note('bytes', bytes.toString('hex'), message);
    }
    @RocketMQMessageListener({ topic: toOurs, consumerGroup: `${toOurs}-raw`, ...first })
    raw(payload: unknown, { message }: RocketMQContext): void {
      note('raw', payload, message);
    }
  }
  const pricing = { topic: askOurs, consumerGroup: `${askOurs}-pricing`, ...first };
  @Injectable()
  class Pricing {
    @RocketMQReplyListener({ ...pricing, selectorExpression: 'order', payloadType: Order })
    quote({ id, items }: Order): object {
      return { id, total: items.length * 2.5 };
    }
    @RocketMQReplyListener({ ...pricing, selectorExpression: 'text', payloadType: String })
    shout(text: string): string {
      return `${text}!`;
    }
  }
  @Injectable()
  @RocketMQTransactionListener({ payloadType: String })
  class Transactions {
    async checkLocalTransaction(message: RocketMQMessage<string>): Promise<TransactionState> {
      note('checks', message.payload, message);
      return ['keep it', 'committed'].includes(message.payload) ? 'commit' : 'rollback';
    }
  }
  return [Duties, Pricing, Transactions];
}
