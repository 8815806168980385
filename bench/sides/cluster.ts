import type { Bench } from '../runner/benchmark.js';
import { startSides, type BrokerSide } from './broker.js';
import { startNameServers } from './name-server.js';
import type { ServerSettings } from './server-home.js';

/** A broker with a name server of its own kind, for clients that ask for routes. */
export interface ClusterSide extends BrokerSide {
  readonly nameServer: string;
}

export async function startClusters(bench: Bench, settings: ServerSettings = {}): Promise<ClusterSide[]> {
  const nameServers = await startNameServers(bench);
  const address = (kind: string): string => {
    const home = kind === 'java' ? nameServers.java : nameServers.ours;
    return `127.0.0.1:${home?.port}`;
  };
  const sides = await startSides(bench, settings, (kind) => ({ namesrvAddr: address(kind) }));
  // A getter's value is not copied: the process may be another one after a restart.
  return sides.map((side) => Object.assign(side, { nameServer: address(side.kind ?? 'ours') }));
}
