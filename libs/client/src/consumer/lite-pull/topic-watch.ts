import { messageOf, type Timer } from '../../../../common/src/index.js';
import type { ClientCore } from '../../client-core.js';
import type { MessageQueue, TopicMessageQueueChangeListener } from '../../contract/index.js';
import { queueKey } from '../../message-queue.js';
import { subscribeQueues } from '../subscribe-queues.js';

interface Watched {
  readonly listener: TopicMessageQueueChangeListener;
  /** As last seen; undefined before the first look. */
  keys: string | undefined;
}

/** Looks at topics every so often and tells their listeners when the queues are others than before. */
export class TopicWatch {
  readonly #watched = new Map<string, Watched>();
  #every: Timer | undefined;

  constructor(
    private readonly core: Pick<ClientCore, 'clock' | 'log' | 'routes' | 'settings'>,
    private readonly interval: number,
  ) {}

  async start(): Promise<void> {
    this.#every = this.core.clock.every(this.interval, () => void this.#look());
    for (const topic of this.#watched.keys()) await this.#lookAt(topic);
  }

  close(): void {
    this.#every?.cancel();
  }

  /** What the topic has now is what changes are measured by. One listener a topic: the last. */
  async watch(topic: string, listener: TopicMessageQueueChangeListener): Promise<void> {
    this.#watched.set(topic, { listener, keys: undefined });
    if (this.#every !== undefined) await this.#lookAt(topic);
  }

  async #look(): Promise<void> {
    for (const topic of this.#watched.keys()) await this.#lookAt(topic);
  }

  async #lookAt(topic: string): Promise<void> {
    const watched = this.#watched.get(topic);
    if (watched === undefined) return;
    const { namespace } = this.core.settings;
    try {
      const queues = await subscribeQueues(this.core.routes, namespace.wrap(topic));
      const keys = queues.map(queueKey).toSorted().join('\n');
      const before = watched.keys;
      watched.keys = keys;
      if (before === undefined || before === keys) return;
      const shown: MessageQueue[] = queues.map((queue) => namespace.unwrapQueue(queue));
      watched.listener(topic, shown);
    } catch (error) {
      this.core.log.warn('the queues of a watched topic were not compared', { topic, error: messageOf(error) });
    }
  }
}
