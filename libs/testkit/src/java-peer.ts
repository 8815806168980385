import { join } from 'node:path';
import { systemClock } from '../../common/src/index.js';
import type { ChildProgram } from './child-program.js';
import { Inbox } from './inbox.js';
import { compileJava, javaClassPath, type ApacheVersion } from './java-artifacts.js';
import { type JavaEvent, JavaProgram } from './java-program.js';
import { javaFlags, writeJavaHome } from './java-server.js';
import { testSettings } from './settings.js';
import type { Received } from './test-client.js';
import type { Testbed } from './testbed.js';

export interface JavaPeerOptions {
  /** Header form of its requests; per JVM in Java. Default JSON. */
  readonly serializer?: 'JSON' | 'ROCKETMQ';
}

/**
 * 4.9 keeps the lock of an orderly queue for 20 s after it let the queue go, in case that a message of it is still being
 * handled. 5.x waits for the end of that, and takes the same setting for the longest wait.
 */
const unlocking: Record<ApacheVersion, readonly string[]> = {
  '4.9.7': ['-Drocketmq.client.unlockDelayTimeMills=3000'],
  '5.3.3': [],
};

interface MessageEvent extends JavaEvent {
  readonly consumer?: string;
  readonly message?: Received;
}

/** The program in test/interop/peer: Apache's client of one release in a JVM. */
export class JavaPeer extends JavaProgram {
  readonly version: ApacheVersion;
  readonly #inboxes = new Map<string, Inbox>();

  private constructor(version: ApacheVersion, program: ChildProgram) {
    super(program);
    this.version = version;
  }

  static async start(testbed: Testbed, version: ApacheVersion, options: JavaPeerOptions = {}): Promise<JavaPeer> {
    const classes = await compileJava(join(testSettings().root, 'test/interop/peer'), version);
    const serializer = options.serializer ?? 'JSON';
    const name = `java-${version}-peer-${serializer.toLowerCase()}`;
    const program = await runPeer(testbed, name, [
      `-Drocketmq.serialize.type=${serializer}`,
      ...unlocking[version],
      '-cp',
      `${classes}:${await javaClassPath(version)}`,
      'ApacheClient',
    ]);
    const peer = new JavaPeer(version, program);
    await peer.ready();
    return peer;
  }

  /** Where messages of the push consumer with this name go. */
  inbox(consumer: string): Inbox {
    let inbox = this.#inboxes.get(consumer);
    if (!inbox) this.#inboxes.set(consumer, (inbox = new Inbox()));
    return inbox;
  }

  /** Runs an mqadmin command inside this JVM. Resolves with what it printed, stack traces included. */
  async mqadmin(...args: string[]): Promise<string> {
    return (await this.call('mqadmin', { args }, 90_000)) as string;
  }

  protected override take({ event, consumer, message }: MessageEvent): void {
    if (event === 'message' && consumer !== undefined && message) this.inbox(consumer).add(received(message));
  }
}

/** Java leaves members out that are null; and only this process's clock can be compared with the test's. */
export function received(message: Received): Received {
  return { ...message, tags: message.tags ?? undefined, keys: message.keys ?? undefined, arrivedAt: systemClock.now() };
}

/** A JVM with Apache's client in it, which looks often at what clients look at. */
export async function runPeer(testbed: Testbed, name: string, mainAndArgs: readonly string[]): Promise<ChildProgram> {
  const home = await testbed.subdirectory(name);
  await writeJavaHome(home);
  return testbed.run({
    name,
    command: 'java',
    args: [
      ...javaFlags(home),
      '-Drocketmq.client.logLevel=WARN',
      // Looked at every 20 s otherwise.
      '-Drocketmq.client.rebalance.waitInterval=1000',
      `-Drocketmq.client.localOffsetStoreDir=${join(home, 'offsets')}`,
      ...mainAndArgs,
    ],
    directory: home,
    abrupt: true,
    environment: { ROCKETMQ_HOME: home, NAMESRV_ADDR: undefined },
  });
}
