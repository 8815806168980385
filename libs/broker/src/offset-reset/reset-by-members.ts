import {
  languageCode,
  MQVersion,
  resetConsumerClientOffset,
  resetOffsetsForCppBody,
  ResponseCode,
  type invokeBrokerToResetOffset,
  type RequestHeader,
  type ResetOffsets,
} from '../../../protocol/src/index.js';
import { fail, ok, type Outcome } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import type { ClientMember } from '../tables/client-member.js';
import { maxQueuesPerTopic } from '../tables/topic-table.js';

type Parts = Pick<BrokerParts, 'topics' | 'offsets' | 'consumers' | 'store' | 'identity' | 'log'>;
type Reset = typeof invokeBrokerToResetOffset;

const forCpp = { ...resetConsumerClientOffset, requestBody: resetOffsetsForCppBody };
const cpp = languageCode('CPP');

/**
 * The members of the group are told where to go on, and commit that themselves: the offsets here stay as they are.
 * Without `isForce` no queue goes forwards.
 */
export async function resetByMembers(parts: Parts, header: RequestHeader<Reset>): Promise<Outcome<Reset>> {
  const { topic, group, timestamp } = header;
  const { topics, offsets, consumers, log } = parts;
  const config = topics.get(topic);
  if (config === undefined) {
    const remark = `[reset-offset] reset offset failed, no topic in this broker. topic=${topic}`;
    return fail(ResponseCode.TOPIC_NOT_EXIST, remark);
  }
  const offsetTable: ResetOffsets['offsetTable'][number][] = [];
  for (let queueId = 0; queueId < Math.min(config.writeQueueNums, maxQueuesPerTopic); queueId++) {
    const committed = offsets.get(group, topic, queueId);
    if (committed === undefined) return fail(ResponseCode.SYSTEM_ERROR, `THe consumer group <${group}> not exist`);
    const offset = await targetOf(parts, header, queueId, committed);
    offsetTable.push([{ brokerName: parts.identity.brokerName, queueId, topic }, offset]);
  }
  const members = [...(consumers.group(group)?.members.values() ?? [])];
  // Java tells those before the old one, and stops there.
  const old = members.find(({ version }) => version < MQVersion.V3_0_7_SNAPSHOT);
  if (old !== undefined) {
    return fail(ResponseCode.SYSTEM_ERROR, `the client does not support this feature. version=${old.version}`);
  }
  const told = members.filter((member) => tell(member, header, offsetTable));
  log.info('members of a group are told to reset their offsets', { group, topic, told: told.length });
  if (told.length > 0) return ok({}, { body: { offsetTable } });
  const place = `Group: ${group} Topic: ${topic} Timestamp: ${timestamp}`;
  return fail(ResponseCode.CONSUMER_NOT_ONLINE, `Consumer not online, so can not reset offset, ${place}`);
}

async function targetOf(
  { store }: Parts,
  { topic, timestamp, isForce }: RequestHeader<Reset>,
  queueId: number,
  committed: number,
): Promise<number> {
  const end = timestamp === -1;
  const found = end ? store.maxOffset(topic, queueId) : await store.offsetByTime(topic, queueId, timestamp, 'lower');
  const offset = Math.max(0, found);
  return isForce || offset < committed ? offset : committed;
}

/** Java asks for the language of whoever sends the request: a C++ member cannot read the other form, whoever asks. */
function tell(
  { connection, language }: ClientMember,
  { topic, group, timestamp, isForce }: RequestHeader<Reset>,
  offsetTable: ResetOffsets['offsetTable'],
): boolean {
  const header = { topic, group, timestamp, isForce };
  if (language !== cpp) return connection.oneWay(resetConsumerClientOffset, header, { body: { offsetTable } });
  const list = offsetTable.map(([queue, offset]) => ({ ...queue, offset }));
  return connection.oneWay(forCpp, header, { body: { offsetTable: list } });
}
