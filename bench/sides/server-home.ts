import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeBrokerPort, propertiesText } from '../../libs/testkit/src/index.js';
import type { Contestant } from '../runner/benchmark.js';
import { startServer, type ServerProcess } from './server-process.js';

/** Keys of a broker.conf or namesrv.conf. */
export type ServerSettings = Readonly<Record<string, string>>;

/** A server that can be started again and again in its directory. */
export interface ServerHome extends Contestant {
  readonly port: number;
  /** Its configuration and all it keeps. */
  readonly directory: string;
  start(): ServerProcess;
}

export interface ServerPlan {
  readonly contestant: Contestant;
  readonly directory: string;
  /** The keys of the file, with the port it is to listen at. */
  readonly settings: (port: number) => ServerSettings;
  /** Program and arguments; `-c` names the file. */
  readonly command: (file: string) => readonly [program: string, args: readonly string[]];
  /** For what it tells beside its work. */
  readonly hasChannel?: boolean;
}

export async function makeServerHome(plan: ServerPlan): Promise<ServerHome> {
  const { contestant, directory, hasChannel } = plan;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const port = await freeBrokerPort();
  const file = join(directory, 'server.conf');
  writeFileSync(file, propertiesText({ listenPort: String(port), ...plan.settings(port) }));
  const [program, args] = plan.command(file);
  const start = (): ServerProcess =>
    startServer({ name: contestant.name, program, args, home: directory, ...(hasChannel ? { hasChannel } : {}) });
  return { ...contestant, port, directory, start };
}
