import { RocketMQError, messageOf } from '../../../common/src/index.js';
import {
  ResponseCode,
  getConsumerConnectionList,
  getConsumerRunningInfo,
  type ConsumerConnection,
  type ConsumerData,
} from '../../../protocol/src/index.js';
import { isRetryTopic } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type { SubscriptionCheck } from '../contract/index.js';

type Expressions = ReadonlyMap<string, string>;
type Subscribed = Iterable<{ readonly topic: string; readonly subString: string }>;

/** More members than this are not asked: one that differs is enough to know. */
const mostMembers = 8;

/**
 * Looks at what the group's other members subscribe to: brokers believe the last heartbeat, so that members who do not
 * agree lose messages in turn. Called before the first heartbeat, while brokers still say what the others said.
 *
 * @throws RocketMQError ARGUMENT_INVALID with 'refuse', naming the member and the difference.
 */
export async function checkSubscription(core: ClientCore, own: ConsumerData, check: SubscriptionCheck): Promise<void> {
  if (check === 'off') return;
  let difference: string | undefined;
  try {
    difference = await findDifference(core, own);
  } catch (error) {
    core.log.debug('subscriptions of the other members not learnt', { group: own.groupName, error: messageOf(error) });
  }
  if (difference === undefined) return;
  const text = `Consumer group ${own.groupName} subscribes to something else elsewhere: ${difference}. All members of a group must subscribe to the same, or messages are lost; use another group for another subscription`;
  if (check === 'refuse') throw new RocketMQError('ARGUMENT_INVALID', text);
  core.log.warn(text);
}

async function findDifference(core: ClientCore, own: ConsumerData): Promise<string | undefined> {
  for (const address of await addressesOf(core, own)) {
    const group = await askGroup(core, address, own.groupName);
    if (group === undefined) continue;
    const others = group.connectionSet.map(({ clientId }) => clientId).filter((id) => id !== core.settings.clientId);
    if (others.length === 0) continue;
    const model = group.messageModel ?? own.messageModel;
    if (model !== own.messageModel) return `${others[0]} consumes ${model}, this one ${own.messageModel}`;
    const expressions = expressionsOf(own.subscriptionDataSet);
    const difference = differenceBetween(expressions, expressionsOf(group.subscriptionTable.values()));
    if (difference !== undefined) return nameMember(core, address, own.groupName, others, expressions, difference);
  }
  return undefined;
}

/** Of the first topic that is known: members of a group are known at every broker of their topics. */
async function addressesOf({ routes }: ClientCore, own: ConsumerData): Promise<string[]> {
  for (const { topic } of own.subscriptionDataSet) {
    if (isRetryTopic(topic)) continue;
    await routes.find(topic);
    const addresses = routes.addressesOf(topic);
    if (addresses.length > 0) return addresses;
  }
  return [];
}

/** Undefined when nobody of the group is online. */
async function askGroup(core: ClientCore, address: string, group: string): Promise<ConsumerConnection | undefined> {
  const { requestTimeout: timeout } = core.settings;
  const accept = [ResponseCode.CONSUMER_NOT_ONLINE];
  const header = { consumerGroup: group };
  const reply = await core.remoting.call(address, getConsumerConnectionList, header, { timeout, accept });
  return reply.code === ResponseCode.SUCCESS ? reply.body : undefined;
}

/** The broker keeps one subscription per group: whose it is, only the members themselves can tell. */
async function nameMember(
  core: ClientCore,
  address: string,
  group: string,
  members: readonly string[],
  own: Expressions,
  difference: string,
): Promise<string> {
  for (const clientId of members.slice(0, mostMembers)) {
    try {
      const header = { consumerGroup: group, clientId, jstackEnable: false };
      const { requestTimeout: timeout } = core.settings;
      const reply = await core.remoting.call(address, getConsumerRunningInfo, header, { timeout });
      const theirs = differenceBetween(own, expressionsOf(reply.body.subscriptionSet));
      if (theirs !== undefined) return `member ${clientId}: ${theirs}`;
    } catch (error) {
      core.log.debug('a member of the group does not answer', { group, clientId, error: messageOf(error) });
    }
  }
  return `one of ${members.slice(0, mostMembers).join(', ')}: ${difference}`;
}

function expressionsOf(subscribed: Subscribed): Expressions {
  return new Map(
    [...subscribed].filter(({ topic }) => !isRetryTopic(topic)).map(({ topic, subString }) => [topic, subString]),
  );
}

function differenceBetween(own: Expressions, theirs: Expressions): string | undefined {
  for (const topic of new Set([...own.keys(), ...theirs.keys()])) {
    const [here, there] = [own.get(topic), theirs.get(topic)];
    if (here === undefined) return `topic ${topic} ('${there}') is subscribed to there only`;
    if (there === undefined) return `topic ${topic} ('${here}') is subscribed to here only`;
    if (here !== there) return `topic ${topic} with '${there}' there, with '${here}' here`;
  }
  return undefined;
}
