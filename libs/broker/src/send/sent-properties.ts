import { encodeProperties, MessageProperty, tagsCode } from '../../../protocol/src/index.js';
import type { BrokerConfig } from '../broker-config.js';

/*
 * The properties of a message on its way into the log, seen once as text: which of them decide something here, and what
 * is stored in their place. Copies nothing but the values it returns; no map is built.
 *
 * Stored as the release we present stores them: 4.9 adds CLUSTER and takes WAIT out, 5.x adds MSG_REGION and TRACE_ON too
 * and leaves WAIT in; 4.9 ends the text without a separator, 5.x with one. UNIQ_KEY is added when the sender gave none.
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

/** What every message gets. */
export interface AddedProperties {
  /** Encoded pairs, as they end the text. */
  readonly text: string;
  /** As 5.x, else as 4.9. */
  readonly since5: boolean;
}

export function addedProperties(config: BrokerConfig): AddedProperties {
  const pairs: [string, string][] = [[MessageProperty.CLUSTER, config.brokerClusterName]];
  const since5 = config.brokerVersion !== 'V4_9_7';
  if (since5) {
    pairs.push([MessageProperty.MSG_REGION, config.regionId]);
    pairs.push([MessageProperty.TRACE_ON, String(config.traceOn)]);
  }
  const text = encodeProperties(pairs);
  return { text: since5 ? text : text.slice(0, -pairEnd.length), since5 };
}

/** A property that asks for what is not served: to store it as if ordinary would be to lose what was asked. */
export interface RefusedProperty {
  readonly name: string;
  readonly reason: string;
}

interface Scan {
  readonly text: string;
  readonly since5: boolean;
  tags: string;
  uniqueKey: string;
  wait: string;
  refused: RefusedProperty | undefined;
  /** What stays of the text before `keepFrom`; pairs between are dropped. */
  kept: string;
  keepFrom: number;
}

export function readSentProperties(
  text: string,
  { text: added, since5 }: AddedProperties,
  uniqueIds: () => string,
): SentProperties | RefusedProperty {
  const scan: Scan = { text, since5, tags: '', uniqueKey: '', wait: '', refused: undefined, kept: '', keepFrom: 0 };
  for (let at = 0; at < text.length;) {
    const found = text.indexOf(pairEnd, at);
    const end = found < 0 ? text.length : found;
    inspect(scan, at, end);
    at = end + 1;
  }
  if (scan.refused !== undefined) return scan.refused;
  let stored = scan.kept + text.slice(scan.keepFrom);
  if (stored !== '' && !stored.endsWith(pairEnd)) stored += pairEnd;
  const uniqueKey = scan.uniqueKey || uniqueIds();
  if (scan.uniqueKey === '') stored += `${MessageProperty.UNIQ_KEY}${nameEnd}${uniqueKey}${pairEnd}`;
  return {
    stored: stored + added,
    uniqueKey,
    tagsCode: scan.tags === '' ? 0 : tagsCode(scan.tags),
    waitForFlush: scan.wait === '' || isTrue(scan.wait),
  };
}

function drop(scan: Scan, at: number, end: number): void {
  scan.kept += scan.text.slice(scan.keepFrom, at);
  scan.keepFrom = end + 1;
}

/** One pair; the first letter decides which names it can be. */
function inspect(scan: Scan, at: number, end: number): void {
  const { text, since5 } = scan;
  switch (text.charCodeAt(at)) {
    case 0x54: // T
      if (text.startsWith('TAGS\u0001', at)) scan.tags = text.slice(at + 5, end);
      else if (text.startsWith('TRAN_MSG\u0001', at)) refuseTransaction(scan, text.slice(at + 9, end));
      else if (since5 && text.startsWith('TRACE_ON\u0001', at)) drop(scan, at, end);
      else if (text.startsWith('TIMER_', at)) refuse(scan, at, 'timed delivery is not served');
      break;
    case 0x55: // U
      if (text.startsWith('UNIQ_KEY\u0001', at)) scan.uniqueKey = text.slice(at + 9, end);
      break;
    case 0x57: // W
      if (!text.startsWith('WAIT\u0001', at)) break;
      scan.wait = text.slice(at + 5, end);
      if (!since5) drop(scan, at, end);
      break;
    case 0x44: // D
      if (text.startsWith('DELAY\u0001', at)) refuseDelay(scan, text.slice(at + 6, end));
      break;
    case 0x49: // I
      if (text.startsWith('INNER_', at)) refuse(scan, at, 'inner batches and multi dispatch are not served');
      break;
    case 0x43: // C
      if (text.startsWith('CLUSTER\u0001', at)) drop(scan, at, end);
      break;
    case 0x4d: // M
      if (since5 && text.startsWith('MSG_REGION\u0001', at)) drop(scan, at, end);
      break;
    case 0x52: // R
      if (text.startsWith('REAL_TOPIC\u0001', at)) drop(scan, at, end);
      else if (text.startsWith('REAL_QID\u0001', at)) drop(scan, at, end);
      break;
    case 0x50: // P
      if (text.startsWith('POP_CK\u0001', at)) drop(scan, at, end);
      break;
  }
}

function refuse(scan: Scan, at: number, reason: string): void {
  const { text } = scan;
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
