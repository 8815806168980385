import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SimulatedClients } from '../../../testkit/src/simulated-clients.js';
import type { MessageModel, PushConsumer, SubscriptionCheck } from '../contract/index.js';

interface Wish {
  readonly expression?: string;
  readonly topics?: readonly string[];
  readonly check?: SubscriptionCheck;
  readonly messageModel?: MessageModel;
}

describe('A member that joins its group', () => {
  let stage: SimulatedClients;
  let warnings: string[];

  beforeEach(async () => {
    stage = await SimulatedClients.open();
    stage.cluster.topics.set('U', 1);
    warnings = [];
  });

  afterEach(() => stage.close());

  const join = async ({ expression = '*', topics = ['T'], check, messageModel }: Wish = {}): Promise<PushConsumer> => {
    const quiet = (): void => {};
    const log = { error: quiet, info: quiet, debug: quiet, warn: (text: string): void => void warnings.push(text) };
    const consumer = stage.client({ log }).createPushConsumer({
      consumerGroup: 'g',
      handler: () => {},
      ...(check && { checkSubscription: check }),
      ...(messageModel && { messageModel }),
    });
    for (const topic of topics) consumer.subscribe(topic, expression);
    await consumer.start();
    return consumer;
  };
  const differences = (): string[] =>
    warnings.filter((text) => text.includes('subscribes to something else elsewhere'));

  it.each<[string, Wish, RegExp]>([
    ['another expression', { expression: 'b' }, /topic T with 'a' there, with 'b' here/],
    ['one topic more', { expression: 'a', topics: ['T', 'U'] }, /topic U \('a'\) is subscribed to here only/],
    ['another topic', { expression: 'a', topics: ['U'] }, /topic U \('a'\) is subscribed to here only/],
    ['another model', { expression: 'a', messageModel: 'BROADCASTING' }, /consumes CLUSTERING, this one BROADCASTING/],
  ])('with %s says who differs, and in what', async (_what, wish, difference) => {
    await join({ expression: 'a' });
    const [first] = [...(stage.cluster.broker.members.get('g') ?? [])];
    await join(wish);
    expect(differences()).toHaveLength(1);
    expect(differences()[0]).toMatch(difference);
    expect(differences()[0]).toContain(first);
  });

  it('says nothing when all agree, or when it is the first', async () => {
    await join({ expression: 'a || b' });
    await join({ expression: 'a || b' });
    expect(differences()).toEqual([]);
  });

  it('does not join when it is to refuse, and joins when nobody differs any more', async () => {
    const first = await join({ expression: 'a' });
    const { heartbeats } = stage.cluster.broker;
    const before = heartbeats.length;
    await expect(join({ expression: 'b', check: 'refuse' })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: /member .*: topic T with 'a' there, with 'b' here.*use another group/,
    });
    expect(heartbeats).toHaveLength(before);
    await first.close();
    await expect(join({ expression: 'b', check: 'refuse' })).resolves.toBeDefined();
  });

  it('asks nobody when it is not to check', async () => {
    await join({ expression: 'a' });
    let asked = 0;
    stage.cluster.broker.intercept('GET_CONSUMER_CONNECTION_LIST', () => void asked++);
    await join({ expression: 'b', check: 'off' });
    expect([asked, differences()]).toEqual([0, []]);
  });
});
