import { pause, systemClock } from '../../libs/common/src/index.js';
import type { TestClient, TestMessage, TestProducer } from '../../libs/testkit/src/index.js';

/** A message the broker acknowledged: it must be at this place for good. */
export interface Acked {
  readonly queueId: number;
  readonly queueOffset: number;
  readonly msgId: string;
  readonly index: number;
}

export interface AckedLoad {
  readonly acked: readonly Acked[];
  /** Sends that failed: stored or not, nobody knows. */
  readonly unknown: number;
  /** Resolves with the next acknowledgement, whichever lane gets it. */
  nextAck(): Promise<void>;
  stop(): Promise<void>;
}

/** Sizes vary, and some bodies are larger than what one write of the log takes. */
export function bodyOf(index: number): Buffer {
  const size = index % 97 === 0 ? 40_000 : 20 + ((index * 7919) % 700);
  return Buffer.from(`message ${index} `.padEnd(size, `${index}.`));
}

const batchSize = 5;

/**
 * Producers that never stop trying: `lanes` of them send singly and in batches, while the broker dies and comes back. A
 * failed send is not sent again, so each index is acknowledged at most once.
 */
export async function startAckedLoad(
  client: TestClient,
  options: { readonly nameServer: string; readonly topic: string; readonly lanes: number },
): Promise<AckedLoad> {
  const acked: Acked[] = [];
  const waiting: (() => void)[] = [];
  let unknown = 0;
  let next = 0;
  const stopping = new AbortController();
  const producer = await client.producer({ nameServer: options.nameServer, group: 'crash-producers' });
  const message = (index: number): TestMessage => ({ topic: options.topic, body: bodyOf(index), keys: String(index) });

  const sendNext = async (): Promise<void> => {
    const first = next;
    const count = first % 13 === 0 ? batchSize : 1;
    next += count;
    try {
      acked.push(...(await sendSome(producer, first, count, message)));
      for (const resolve of waiting.splice(0)) resolve();
    } catch {
      unknown += count;
      await pause(systemClock, 10); // the broker is down: try on, without burning the processor it needs to come back
    }
  };
  const lane = async (): Promise<void> => {
    while (!stopping.signal.aborted) await sendNext();
  };
  const running = Promise.all(Array.from({ length: options.lanes }, lane));
  return {
    acked,
    get unknown() {
      return unknown;
    },
    nextAck: () => new Promise((resolve) => waiting.push(resolve)),
    async stop() {
      stopping.abort();
      await running;
      await producer.close();
    },
  };
}

async function sendSome(
  producer: TestProducer,
  first: number,
  count: number,
  message: (index: number) => TestMessage,
): Promise<Acked[]> {
  const indexes = Array.from({ length: count }, (_, i) => first + i);
  const sent = count === 1 ? await producer.send(message(first)) : await producer.sendBatch(indexes.map(message));
  // Anything else than SEND_OK is stored perhaps, but not promised.
  if (sent.sendStatus !== 'SEND_OK') throw new Error(sent.sendStatus);
  const ids = sent.msgId.split(',');
  return indexes.map((index, i) => ({
    queueId: sent.queue.queueId,
    queueOffset: sent.queueOffset + i,
    msgId: ids[i] ?? '',
    index,
  }));
}
