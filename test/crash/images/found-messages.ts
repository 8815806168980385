import {
  decodeMessage,
  decodeMessages,
  propertyOf,
  withoutProperty,
  type MessageRecord,
} from '../../../libs/protocol/src/message/index.js';
import type { MessageStore } from '../../../libs/store/src/index.js';
import { queuePlaces, type SentMessage } from './sent-messages.js';

/** A message as a consumer finds it. */
export interface FoundMessage {
  readonly id: string;
  readonly record: MessageRecord;
  /** The offset asked for. */
  readonly queueOffset: number;
  readonly tagsCode: number;
}

/** Everything in the queues, and what is wrong with them by themselves: holes, records of other places. */
export async function findMessages(store: MessageStore): Promise<{ found: FoundMessage[]; faults: string[] }> {
  const found: FoundMessage[] = [];
  const faults: string[] = [];
  for (const { topic, queueId } of queuePlaces) {
    const place = `${topic.slice(0, 12)}/${queueId}`;
    let offset = store.minOffset(topic, queueId);
    const end = store.maxOffset(topic, queueId);
    while (offset < end) {
      const tagsCodes: number[] = [];
      const matches = (tagsCode: number): boolean => tagsCodes.push(tagsCode) > 0;
      const got = await store.get({ topic, queueId, offset, maxMessages: 32, matches });
      if (got.status !== 'FOUND') {
        faults.push(`${place}: nothing at offset ${offset} of ${end}: ${got.status}`);
        break;
      }
      for (const [i, record] of decodeMessages(Buffer.concat(got.slices)).entries()) {
        const queueOffset = got.queueOffsets[i] as number;
        if (record.queueOffset !== queueOffset || record.topic !== topic || record.queueId !== queueId)
          faults.push(`${place}: at offset ${queueOffset} stands ${record.queueId}@${record.queueOffset}`);
        if (queueOffset !== offset) faults.push(`${place}: ${queueOffset} follows where ${offset} should`);
        offset = queueOffset + 1;
        const id = propertyOf(record.properties, 'UNIQ_KEY') ?? '';
        found.push({ id, record, queueOffset, tagsCode: tagsCodes[i] as number });
      }
    }
  }
  return { found, faults };
}

/** Undefined when what was found is what was sent. */
export function difference({ record, tagsCode, queueOffset }: FoundMessage, sent: SentMessage): string | undefined {
  const { message } = sent;
  if (record.topic !== message.topic || record.queueId !== message.queueId) return 'it is in another queue';
  if (!record.body.equals(message.body)) return 'its body has changed';
  if (sentProperties(record) !== message.properties) return 'its properties have changed';
  if (tagsCode !== message.tagsCode) return `its tags code is ${tagsCode}`;
  if (record.bornHost.ip !== message.bornHost.ip || record.bornTimestamp !== message.bornTimestamp)
    return 'its origin has changed';
  if (sent.queueOffset >= 0 && sent.queueOffset !== queueOffset) return `it was acknowledged at ${sent.queueOffset}`;
  return undefined;
}

/** Whether the log has it where it was acknowledged: the only place of a message that is in no queue. */
export async function isInLog(store: MessageStore, { physicalOffset, message }: SentMessage): Promise<boolean> {
  if (physicalOffset < 0) return false;
  const bytes = await store.read(physicalOffset);
  return bytes !== undefined && sentProperties(decodeMessage(bytes)) === message.properties;
}

/** Without the checksum that some stores add. */
function sentProperties({ properties }: MessageRecord): string {
  return withoutProperty(properties, '__CRC32#');
}
