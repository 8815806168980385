import type { Clock, Logger } from '../../common/src/index.js';
import type { RemotingClient } from '../../remoting/src/index.js';
import type { ClientSettings } from './client-settings.js';
import type { BodyCodecs } from './compression/index.js';
import type { Membership } from './membership.js';
import type { NameServers } from './name-servers.js';
import type { PendingRequests } from './producer/request-reply/pending-requests.js';
import type { TraceDispatcher, TraceOwner } from './trace/trace-dispatcher.js';
import type { CheckedGroups } from './producer/transaction/checked-groups.js';
import type { RouteCache } from './route/index.js';

/** What the producers and consumers of one client share. */
export interface ClientCore {
  readonly settings: ClientSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly remoting: RemotingClient;
  readonly nameServers: NameServers;
  readonly routes: RouteCache;
  readonly membership: Membership;
  readonly codecs: BodyCodecs;
  readonly pendingRequests: PendingRequests;
  /** For a producer or consumer of this client, which starts and closes it. */
  createTrace(owner: TraceOwner): TraceDispatcher;
  readonly checkedGroups: CheckedGroups;
  /** Starts the client itself, once. */
  start(): Promise<void>;
}

/** The broker's second port, two below the first, which serves everything but pulls. */
export function vipAddress(address: string, enabled: boolean): string {
  if (!enabled) return address;
  const at = address.lastIndexOf(':') + 1;
  return `${address.slice(0, at)}${Number(address.slice(at)) - 2}`;
}
