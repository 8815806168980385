import { MessageProperty, tagsCode, withoutProperty } from '../../../protocol/src/index.js';

/*
 * The properties of a message on its way into the log, seen once as text: which of them decide something here, and what
 * is stored in their place. Copies nothing but the values it returns; no map is built.
 *
 * Stored as Java 4.9 stores them: CLUSTER is added, WAIT is taken out. UNIQ_KEY is added when the sender gave none.
 */

const nameEnd = '\u0001';
const pairEnd = '\u0002';

export interface SentProperties {
  /** The text to store. */
  readonly stored: string;
  readonly uniqueKey: string;
  /** What the consume queue keeps. */
  readonly tagsCode: number;
  /** False: the sender does not want to wait for the disk. */
  readonly waitForFlush: boolean;
}

/** A property that asks for what is not served: to store it as if ordinary would be to lose what was asked. */
export interface RefusedProperty {
  readonly name: string;
  readonly reason: string;
}

interface Scan {
  tags: string;
  uniqueKey: string;
  wait: string;
  refused: RefusedProperty | undefined;
  /** Names only brokers set: dropped. */
  readonly dropped: string[];
}

export function readSentProperties(
  text: string,
  cluster: string,
  uniqueIds: () => string,
): SentProperties | RefusedProperty {
  const scan: Scan = { tags: '', uniqueKey: '', wait: '', refused: undefined, dropped: [] };
  for (let at = 0; at < text.length;) {
    const found = text.indexOf(pairEnd, at);
    const end = found < 0 ? text.length : found;
    inspect(scan, text, at, end);
    at = end + 1;
  }
  if (scan.refused !== undefined) return scan.refused;
  let stored = text;
  for (const name of scan.dropped) stored = withoutProperty(stored, name);
  if (stored !== '' && !stored.endsWith(pairEnd)) stored += pairEnd;
  stored += `${MessageProperty.CLUSTER}${nameEnd}${cluster}${pairEnd}`;
  const uniqueKey = scan.uniqueKey || uniqueIds();
  if (scan.uniqueKey === '') stored += `${MessageProperty.UNIQ_KEY}${nameEnd}${uniqueKey}${pairEnd}`;
  return {
    stored,
    uniqueKey,
    tagsCode: scan.tags === '' ? 0 : tagsCode(scan.tags),
    waitForFlush: scan.wait === '' || isTrue(scan.wait),
  };
}

/** One pair; the first letter decides which names it can be. */
function inspect(scan: Scan, text: string, at: number, end: number): void {
  switch (text.charCodeAt(at)) {
    case 0x54: // T
      if (text.startsWith('TAGS\u0001', at)) scan.tags = text.slice(at + 5, end);
      else if (text.startsWith('TRAN_MSG\u0001', at)) refuseTransaction(scan, text.slice(at + 9, end));
      else if (text.startsWith('TIMER_', at)) refuse(scan, text, at, 'timed delivery is not served');
      break;
    case 0x55: // U
      if (text.startsWith('UNIQ_KEY\u0001', at)) scan.uniqueKey = text.slice(at + 9, end);
      break;
    case 0x57: // W
      if (!text.startsWith('WAIT\u0001', at)) break;
      scan.wait = text.slice(at + 5, end);
      scan.dropped.push(MessageProperty.WAIT);
      break;
    case 0x44: // D
      if (text.startsWith('DELAY\u0001', at)) refuseDelay(scan, text.slice(at + 6, end));
      break;
    case 0x49: // I
      if (text.startsWith('INNER_', at)) refuse(scan, text, at, 'inner batches and multi dispatch are not served');
      break;
    case 0x43: // C
      if (text.startsWith('CLUSTER\u0001', at)) scan.dropped.push(MessageProperty.CLUSTER);
      break;
    case 0x52: // R
      if (text.startsWith('REAL_TOPIC\u0001', at)) scan.dropped.push(MessageProperty.REAL_TOPIC);
      else if (text.startsWith('REAL_QID\u0001', at)) scan.dropped.push(MessageProperty.REAL_QID);
      break;
    case 0x50: // P
      if (text.startsWith('POP_CK\u0001', at)) scan.dropped.push(MessageProperty.POP_CK);
      break;
  }
}

function refuse(scan: Scan, text: string, at: number, reason: string): void {
  const middle = text.indexOf(nameEnd, at);
  const name = text.slice(at, middle < 0 ? at + 64 : Math.min(middle, at + 64));
  scan.refused = { name, reason };
}

function refuseTransaction(scan: Scan, value: string): void {
  if (isTrue(value)) scan.refused = { name: MessageProperty.TRAN_MSG, reason: 'transactions are not served' };
}

/** Level 0 is what clients write to take a delay back. */
function refuseDelay(scan: Scan, value: string): void {
  if (!/^(0+|-\d+)$/.test(value)) scan.refused = { name: MessageProperty.DELAY, reason: 'delay levels are not served' };
}

function isTrue(value: string): boolean {
  return value.toLowerCase() === 'true';
}
