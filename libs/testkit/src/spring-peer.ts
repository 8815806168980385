import { join } from 'node:path';
import { compileJava, javaClassPath } from './java-artifacts.js';
import { runPeer } from './java-peer.js';
import { type JavaEvent, JavaProgram } from './java-program.js';
import { testSettings } from './settings.js';
import type { Testbed } from './testbed.js';

/** What a listener of an application got; which fields there are depends on the listener. */
export interface SpringEvent extends JavaEvent {
  readonly application: string;
  readonly listener: 'texts' | 'orders' | 'raw' | 'checks';
  readonly text?: string;
  readonly tags?: string;
  readonly keys?: string;
  readonly queueId?: number;
  readonly properties?: Readonly<Record<string, string>>;
}

const version = 'spring-2.3.5';

/** The program in test/interop/spring: applications of rocketmq-spring's starter in a JVM. */
export class SpringPeer extends JavaProgram {
  /** Asked of every event. */
  readonly heard = new Set<(event: SpringEvent) => void>();

  static async start(testbed: Testbed): Promise<SpringPeer> {
    const { root } = testSettings();
    // The remote control is that of Apache's client; the rest of its directory needs libraries that the starter has not.
    const shared = ['Peer.java', 'Messages.java'].map((name) => join(root, 'test/interop/peer', name));
    const classes = await compileJava(join(root, 'test/interop/spring'), version, shared);
    const classPath = `${classes}:${await javaClassPath(version)}`;
    const peer = new SpringPeer(await runPeer(testbed, 'rocketmq-spring', ['-cp', classPath, 'SpringPeer']));
    await peer.ready();
    return peer;
  }

  protected override take(event: SpringEvent): void {
    for (const listener of this.heard) listener(event);
  }
}
