import type { Clock, Logger } from '../../../common/src/index.js';
import type { Connection } from '../../../remoting/src/index.js';
import { maxMemberGroups, memberExpiry, type ClientMember } from './client-member.js';

/** Producers by group and connection: whom to ask about a transaction, and what mqadmin lists. */
export class ProducerTable {
  private readonly groups = new Map<string, Map<Connection, ClientMember>>();
  private readonly groupsOf = new Map<Connection, Set<string>>();
  private turn = 0;
  /** Of each client the connection its last heartbeat as a producer came on. */
  private readonly connections = new Map<string, Connection>();

  constructor(
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly limit = maxMemberGroups,
  ) {}

  /** Undefined when the group has no member. */
  members(group: string): Iterable<ClientMember> | undefined {
    return this.groups.get(group)?.values();
  }

  /** All members of a group, another one first each time; none when it has no member. */
  inTurn(group: string): ClientMember[] {
    const members = [...(this.groups.get(group)?.values() ?? [])];
    const first = members.length === 0 ? 0 : ++this.turn % members.length;
    return [...members.slice(first), ...members.slice(0, first)];
  }

  /** Where a producer is to be asked, or told; undefined for one that sent no heartbeat here. */
  connectionOf(clientId: string): Connection | undefined {
    return this.connections.get(clientId);
  }

  register(member: ClientMember, group: string): void {
    let members = this.groups.get(group);
    if (members === undefined) {
      if (this.groups.size >= this.limit) {
        return this.log.warn('a producer is not listed: there are too many groups', { group, limit: this.limit });
      }
      this.groups.set(group, (members = new Map()));
    }
    const known = members.get(member.connection);
    const { clientId } = known ?? member;
    this.connections.set(clientId, member.connection);
    if (known !== undefined) {
      known.lastHeartbeat = member.lastHeartbeat;
      return;
    }
    members.set(member.connection, member);
    this.follow(member.connection).add(group);
    this.log.info('a producer joined', { group, clientId: member.clientId, peer: member.connection.remoteAddress });
  }

  unregister(connection: Connection, group: string): void {
    this.groupsOf.get(connection)?.delete(group);
    this.remove(connection, group);
  }

  /** Ends connections whose heartbeats stopped; their closing removes them. */
  expire(): void {
    const deadline = this.clock.monotonic() - memberExpiry;
    for (const [group, members] of this.groups) {
      for (const { connection, clientId, lastHeartbeat } of members.values()) {
        if (lastHeartbeat >= deadline) continue;
        this.log.warn('a producer sent no heartbeat', { group, clientId, peer: connection.remoteAddress });
        connection.close(`no heartbeat of producer group ${group} for ${memberExpiry / 1000} s`);
      }
    }
  }

  private follow(connection: Connection): Set<string> {
    let names = this.groupsOf.get(connection);
    if (names === undefined) {
      this.groupsOf.set(connection, (names = new Set()));
      connection.onClose(() => {
        const groups = this.groupsOf.get(connection) ?? [];
        this.groupsOf.delete(connection);
        for (const group of groups) this.remove(connection, group);
      });
    }
    return names;
  }

  private remove(connection: Connection, group: string): void {
    const members = this.groups.get(group);
    const member = members?.get(connection);
    if (members === undefined || member === undefined) return;
    members.delete(connection);
    const isGone = !this.groupsOf.get(connection)?.size;
    if (isGone && this.connections.get(member.clientId) === connection) this.connections.delete(member.clientId);
    if (members.size === 0) this.groups.delete(group);
    this.log.info('a producer left', { group, clientId: member.clientId, peer: connection.remoteAddress });
  }
}
