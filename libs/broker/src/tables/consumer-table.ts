import type { Clock, Logger } from '../../../common/src/index.js';
import { notifyConsumerIdsChanged, type ConsumerData, type SubscriptionData } from '../../../protocol/src/index.js';
import type { Connection } from '../../../remoting/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import { maxMemberGroups, memberExpiry, type ClientMember } from './client-member.js';

/** A consumer group that has members. */
export interface ConsumerGroup {
  readonly groupName: string;
  consumeType: ConsumerData['consumeType'];
  messageModel: ConsumerData['messageModel'];
  consumeFromWhere: ConsumerData['consumeFromWhere'];
  /** In the order they came. */
  readonly members: Map<Connection, ClientMember>;
  /** By topic. */
  readonly subscriptions: Map<string, SubscriptionData>;
}

export interface ConsumerTableOptions {
  readonly config: Pick<BrokerConfig, 'notifyConsumerIdsChangedEnable'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limit?: number;
}

/**
 * Consumers by group and connection. Members of a group are told when it changed, because they share out its queues
 * among themselves.
 */
export class ConsumerTable {
  private readonly groups = new Map<string, ConsumerGroup>();
  private readonly groupsOf = new Map<Connection, Set<string>>();
  private readonly left: ((groupName: string) => void)[] = [];

  constructor(private readonly options: ConsumerTableOptions) {}

  group(name: string): ConsumerGroup | undefined {
    return this.groups.get(name);
  }

  member(group: string, clientId: string): ClientMember | undefined {
    for (const member of this.groups.get(group)?.members.values() ?? []) {
      if (member.clientId === clientId) return member;
    }
    return undefined;
  }

  /** Groups that subscribe to a topic. */
  groupsSubscribed(topic: string): string[] {
    return [...this.groups.values()].filter((group) => group.subscriptions.has(topic)).map((group) => group.groupName);
  }

  /** The group is online and does not subscribe to the topic any more. */
  hasLeft(groupName: string, topic: string): boolean {
    const subscriptions = this.groups.get(groupName)?.subscriptions;
    return subscriptions !== undefined && subscriptions.size > 0 && !subscriptions.has(topic);
  }

  /** Takes over what a heartbeat says of one group. Returns whether the group changed; `notify` tells its members then. */
  register(member: ClientMember, data: ConsumerData, notify: boolean): boolean {
    const group = this.groupFor(data);
    if (group === undefined) return false;
    const joined = this.putMember(group, member);
    const changed = this.takeSubscriptions(group, member, data.subscriptionDataSet) || joined;
    if (changed && notify) this.notify(group);
    return changed;
  }

  unregister(connection: Connection, groupName: string, notify: boolean): void {
    const group = this.groups.get(groupName);
    if (group === undefined || !this.removeMember(group, connection)) return;
    this.groupsOf.get(connection)?.delete(groupName);
    if (notify) this.notify(group);
  }

  /** Runs when the last member of a group has left. */
  onGroupLeft(listener: (groupName: string) => void): void {
    this.left.push(listener);
  }

  /** Ends connections whose heartbeats stopped; their closing removes them. */
  expire(): void {
    const { clock, log } = this.options;
    const deadline = clock.monotonic() - memberExpiry;
    for (const { groupName, members } of this.groups.values()) {
      for (const { connection, clientId, lastHeartbeat } of members.values()) {
        if (lastHeartbeat >= deadline) continue;
        log.warn('a consumer sent no heartbeat', { group: groupName, clientId, peer: connection.remoteAddress });
        connection.close(`no heartbeat of consumer group ${groupName} for ${memberExpiry / 1000} s`);
      }
    }
  }

  /** Undefined when there are too many. */
  private groupFor(data: ConsumerData): ConsumerGroup | undefined {
    const { groupName, consumeType, messageModel, consumeFromWhere } = data;
    let group = this.groups.get(groupName);
    if (group === undefined) {
      const { limit = maxMemberGroups, log } = this.options;
      if (this.groups.size >= limit) {
        log.warn('a consumer is not taken in: there are too many groups', { group: groupName, limit });
        return undefined;
      }
      group = { groupName, consumeType, messageModel, consumeFromWhere, members: new Map(), subscriptions: new Map() };
      this.groups.set(groupName, group);
    }
    Object.assign(group, { consumeType, messageModel, consumeFromWhere });
    return group;
  }

  private putMember(group: ConsumerGroup, member: ClientMember): boolean {
    const known = group.members.get(member.connection);
    if (known?.clientId === member.clientId) {
      known.lastHeartbeat = member.lastHeartbeat;
      return false;
    }
    if (known === undefined) this.warnOfTwin(group, member);
    group.members.set(member.connection, member);
    this.follow(member.connection).add(group.groupName);
    const { connection, clientId } = member;
    this.options.log.info('a consumer joined', { group: group.groupName, clientId, peer: connection.remoteAddress });
    return known === undefined;
  }

  /** Members of one client id are one to the others: both get the same queues. Told when the second one joins. */
  private warnOfTwin({ groupName, members }: ConsumerGroup, { clientId, connection }: ClientMember): void {
    for (const known of members.values()) {
      if (known.clientId !== clientId || known.connection.closed) continue;
      const peers = [known.connection.remoteAddress, connection.remoteAddress];
      this.options.log.warn('two consumers of a group have the same client id', { group: groupName, clientId, peers });
      return;
    }
  }

  /** Newer versions replace older ones; topics no longer named are dropped. Returns whether topics came or went. */
  private takeSubscriptions(
    group: ConsumerGroup,
    { clientId, connection }: ClientMember,
    told: readonly SubscriptionData[],
  ): boolean {
    const isFirst = group.subscriptions.size === 0;
    const { added, changed, removed } = replaceSubscriptions(group.subscriptions, told);
    const isSame = added.length + changed.length + removed.length === 0;
    if (!isFirst && !isSame) {
      // Others of the group still think otherwise, and will say so with their next heartbeat.
      const level = group.members.size > 1 ? 'warn' : 'info';
      const context = { clientId, peer: connection.remoteAddress, added, changed, removed };
      this.options.log[level](`subscription changed, group: ${group.groupName}`, context);
    }
    return added.length + removed.length > 0;
  }

  private follow(connection: Connection): Set<string> {
    let names = this.groupsOf.get(connection);
    if (names === undefined) {
      this.groupsOf.set(connection, (names = new Set()));
      connection.onClose(() => this.leave(connection));
    }
    return names;
  }

  private leave(connection: Connection): void {
    for (const name of this.groupsOf.get(connection) ?? []) {
      const group = this.groups.get(name);
      if (group !== undefined && this.removeMember(group, connection)) this.notify(group);
    }
    this.groupsOf.delete(connection);
  }

  private removeMember(group: ConsumerGroup, connection: Connection): boolean {
    const member = group.members.get(connection);
    if (member === undefined) return false;
    group.members.delete(connection);
    if (group.members.size === 0) {
      this.groups.delete(group.groupName);
      for (const listener of this.left) listener(group.groupName);
    }
    const { clientId } = member;
    this.options.log.info('a consumer left', { group: group.groupName, clientId, peer: connection.remoteAddress });
    return true;
  }

  private notify({ groupName, members }: ConsumerGroup): void {
    if (!this.options.config.notifyConsumerIdsChangedEnable) return;
    for (const connection of members.keys()) {
      connection.oneWay(notifyConsumerIdsChanged, { consumerGroup: groupName });
    }
  }
}

interface SubscriptionChange {
  /** Topics with what is subscribed in them. */
  readonly added: string[];
  readonly changed: string[];
  readonly removed: string[];
}

function replaceSubscriptions(
  known: Map<string, SubscriptionData>,
  told: readonly SubscriptionData[],
): SubscriptionChange {
  const change: SubscriptionChange = { added: [], changed: [], removed: [] };
  const named = new Set<string>();
  for (const subscription of told) {
    const { topic, subString, subVersion } = subscription;
    named.add(topic);
    const old = known.get(topic);
    if (old === undefined) change.added.push(`${topic}: ${subString}`);
    else if (subVersion <= old.subVersion) continue;
    else if (subString !== old.subString) change.changed.push(`${topic}: ${subString}, was ${old.subString}`);
    known.set(topic, subscription);
  }
  for (const topic of known.keys()) {
    if (!named.has(topic) && known.delete(topic)) change.removed.push(topic);
  }
  return change;
}
