import type { DumpedRecord, LogDamage, StoreFinding, StoreSummary, StoreVerdict } from '../../store/src/index.js';
import { formatTable } from './text-table.js';

/** The summary as people read it. */
export function summaryText(summary: StoreSummary): string {
  return [
    `Store ${summary.directory}\n\n`,
    formatTable(['FILES', 'COUNT', 'FROM', 'TO', 'BYTES', 'IN USE', 'HOLES'], fileRows(summary)),
    `\n${formatTable(['STATE', '', ''], stateRows(summary))}`,
    `\n${formatTable(['TOPIC', 'QUEUE', 'MIN', 'MAX', 'COUNT', 'LAG'], queueRows(summary))}`,
    summary.index.length > 0 ? `\n${formatTable(indexHead, indexRows(summary))}` : '',
    summary.config.length > 0 ? `\n${formatTable(['TABLE', 'BYTES', 'ENTRIES'], configRows(summary))}` : '',
  ].join('');
}

function fileRows({ log, consumeQueues, index }: StoreSummary): string[][] {
  const total = (key: 'bytes' | 'allocatedBytes'): number => index.reduce((sum, file) => sum + file[key], 0);
  const row = (name: string, count: number, from: string, to: string, bytes: number, used: number): string[] => {
    return [name, String(count), from, to, bytesText(bytes), bytesText(used), bytesText(Math.max(0, bytes - used))];
  };
  const { minOffset, maxOffset } = log;
  return [
    row('commitlog', log.files, String(minOffset), String(maxOffset), log.bytes, log.allocatedBytes),
    row('consumequeue', consumeQueues.files, '-', '-', consumeQueues.bytes, consumeQueues.allocatedBytes),
    row('index', index.length, '-', '-', total('bytes'), total('allocatedBytes')),
  ];
}

function stateRows({ log, lock, abort, checkpoint }: StoreSummary): string[][] {
  const rows = [
    ['first message', timeText(log.firstStoreTime), 'stored'],
    ['last message', timeText(log.lastStoreTime), 'stored'],
    ['lock', lock, lock === 'held' ? 'a broker is at work here' : 'nobody is known to work here'],
    abort === undefined
      ? ['abort', 'absent', 'the last stop was an orderly one']
      : ['abort', abort || 'present', 'at work, or ended without an orderly stop'],
  ];
  if (!checkpoint) return [...rows, ['checkpoint', 'absent', 'recovery starts from the beginning of the log']];
  const { own } = checkpoint;
  rows.push(
    ['checkpoint: log', timeText(checkpoint.physicMsgTimestamp), 'store time of the last message on the disk'],
    ['checkpoint: queues', timeText(checkpoint.logicsMsgTimestamp), 'of the last one with its entry on the disk'],
    ['checkpoint: index', timeText(checkpoint.indexMsgTimestamp), 'of the last one in the index on the disk'],
    ['checkpoint: flushed', String(checkpoint.masterFlushedOffset), 'masterFlushedOffset, of 5.x'],
    ['checkpoint: confirmed', String(checkpoint.confirmPhyOffset), 'confirmPhyOffset, of 5.x'],
  );
  if (typeof own === 'string') return [...rows, ['checkpoint: durable', own, 'where recovery of this package begins']];
  return [
    ...rows,
    ['checkpoint: durable', String(own.offset), 'queues have every record before it: recovery begins there'],
    ['checkpoint: count', `${own.queueCount} queues`, `offsets from ${own.minOffsetSum} to ${own.offsetSum} in sum`],
  ];
}

function queueRows({ queues }: StoreSummary): string[][] {
  return queues.map(({ topic, ...numbers }) => [
    topic,
    String(numbers.queueId),
    String(numbers.minOffset),
    String(numbers.maxOffset),
    String(numbers.count),
    String(numbers.lag),
  ]);
}

const indexHead = ['INDEX', 'FIRST STORED', 'LAST STORED', 'FROM', 'TO', 'KEYS', 'FILL'];

function indexRows({ index }: StoreSummary): string[][] {
  return index.map((file) => [
    file.file,
    timeText(file.beginTimestamp),
    timeText(file.endTimestamp),
    String(file.beginOffset),
    String(file.endOffset),
    String(file.keys),
    file.fill === undefined ? 'unknown' : `${(file.fill * 100).toFixed(1)} %`,
  ]);
}

function configRows({ config }: StoreSummary): string[][] {
  return config.map(({ file, bytes, damage, tables }) => {
    const entries = Object.entries(tables).map(([name, count]) => `${name} ${count}`);
    return [file, String(bytes), damage === undefined ? entries.join(', ') || '-' : `damaged: ${damage}`];
  });
}

export function findingText({ kind, file, at, what, recovery }: StoreFinding): string {
  return `${kind} ${file} at byte ${at}: ${what}\n      ${recovery}\n`;
}

/** The last lines of verify; `hidden` findings were not printed. */
export function verdictText(verdict: StoreVerdict, hidden: number): string {
  const { logMinOffset, logMaxOffset, records, queues, queueEntries, indexItems, faults, notes } = verdict;
  const more = hidden > 0 ? `... and ${hidden} more; --json lists them\n` : '';
  const inUse = verdict.isAtRest ? '' : ' (a broker is at work, or was not stopped in order)';
  const result = faults === 0 ? 'whole' : `${faults} faults`;
  return (
    `${more}log from ${logMinOffset} to ${logMaxOffset}: ${records} records; ` +
    `${queues} queues: ${queueEntries} entries right; index: ${indexItems} items right\n` +
    `${result}, ${notes} notes${inUse}\n`
  );
}

export function damageText({ offset, reason, next }: LogDamage): string {
  return `no whole record at ${offset}: ${reason}; ${next === undefined ? 'none follows in its file' : `going on at ${next}`}`;
}

/** One line: where, how big, of which queue, when, keys and tags; the payload only when asked for. */
export function recordText(record: DumpedRecord, body: 'text' | 'hex' | undefined): string {
  const { physicalOffset, size, topic, queueId, queueOffset, storeTimestamp, keys, tags } = record;
  const parts = [
    `${physicalOffset} ${size} ${topic}/${queueId}@${queueOffset} ${timeText(storeTimestamp)}`,
    `keys=${printable(keys)} tags=${printable(tags)} body=${record.body.length}`,
    ...(body === undefined ? [] : [printable(bodyText(record.body, body))]),
  ];
  return `${parts.join(' ')}\n`;
}

export function recordJson({ body, ...record }: DumpedRecord, form: 'text' | 'hex' | undefined): string {
  return JSON.stringify({
    ...record,
    bodyLength: body.length,
    ...(form === undefined ? {} : { body: bodyText(body, form) }),
  });
}

function bodyText(body: Buffer, form: 'text' | 'hex'): string {
  return body.toString(form === 'hex' ? 'hex' : 'utf8');
}

/** A record stays one line, and does not talk to the terminal. */
function printable(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    /[\u0000-\u001f\u007f-\u009f]/g,
    (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0);
  const value = bytes / 1024 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}

function timeText(time: number | undefined): string {
  if (!time) return '-';
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
