import { silentLogger, systemClock } from '../../libs/common/src/index.js';
import { ExpressionType, heartBeat } from '../../libs/protocol/src/index.js';
import { createRemotingClient, type RemotingClient } from '../../libs/remoting/src/index.js';

/** One group of consumers of one topic; its lanes' pulls name the version of this subscription. */
export const consumerGroup = 'bench_consumer';
export const subVersion = 1;

/** Joins the group as a client of its own: a broker asks for that before it serves pulls. Close it at the end. */
export async function joinGroup(host: string, port: number, topic: string): Promise<RemotingClient> {
  const client = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
  const subscription = {
    classFilterMode: false,
    codeSet: [],
    expressionType: ExpressionType.TAG,
    subString: '*',
    subVersion,
    tagsSet: [],
    topic,
  };
  const consumer = {
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    consumeType: 'CONSUME_PASSIVELY',
    groupName: consumerGroup,
    messageModel: 'CLUSTERING',
    subscriptionDataSet: [subscription],
    unitMode: false,
  } as const;
  const body = { clientID: `bench@${process.pid}`, consumerDataSet: [consumer], producerDataSet: [] };
  await client.call(`${host}:${port}`, heartBeat, {}, { body });
  return client;
}
