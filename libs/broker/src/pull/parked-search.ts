import type { pullMessage, RequestHeader } from '../../../protocol/src/index.js';
import type { MessageStore } from '../../../store/src/index.js';
import type { PullFilter } from './pull-filter.js';

type Header = Pick<RequestHeader<typeof pullMessage>, 'topic' | 'queueId' | 'queueOffset'>;

/**
 * Looks at what came since a pull was parked, for filters that need the messages themselves. Each message is looked at
 * once; those that came just now are in memory.
 */
export class ParkedSearch {
  private offset: number;

  constructor(
    private readonly store: Pick<MessageStore, 'get' | 'maxOffset'>,
    private readonly header: Header,
    private readonly filter: PullFilter,
  ) {
    this.offset = header.queueOffset;
  }

  /** True also where it would take a look at the disk: the pull itself looks then. */
  readonly finds = (): boolean => {
    const { topic, queueId } = this.header;
    const { matches, matchesRecord } = this.filter;
    const found = this.store.get({
      topic,
      queueId,
      offset: this.offset,
      maxMessages: 1,
      ...(matches === undefined ? {} : { matches }),
      ...(matchesRecord === undefined ? {} : { matchesRecord }),
    });
    if ('then' in found) {
      found.catch(() => undefined);
      return true;
    }
    if (found.status !== 'NO_MATCHED_MESSAGE') return true;
    this.offset = found.nextBeginOffset;
    return this.offset < this.store.maxOffset(topic, queueId);
  };
}
