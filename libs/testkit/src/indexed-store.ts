import { nextTurn } from '../../common/src/index.js';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMessage } from '../../protocol/src/message/index.js';
import type { AppendMessage, IndexQuery, MessageStore } from '../../store/src/index.js';
import { appendOne } from './store-directory.js';

/** A message with these words as its keys, and a unique key if given; the body repeats them. */
export function keyedMessage(keys: string, unique = ''): Partial<AppendMessage> {
  return {
    properties: `${unique && `UNIQ_KEY\u0001${unique}\u0002`}TAGS\u0001a\u0002KEYS\u0001${keys}\u0002`,
    body: Buffer.from(`${keys}|${unique}`),
  };
}

/**
 * So many messages from number `first` on, each with a key of its own, one it shares with every tenth, and a unique key:
 * the body of number 23 is "own-23 shared-3|U23". And one without keys.
 */
export async function appendKeyed(store: MessageStore, count: number, first = 0): Promise<void> {
  for (let i = first; i < first + count; i++) {
    void appendOne(store, keyedMessage(`own-${i} shared-${i % 10}`, `U${i}`));
  }
  await appendOne(store, { properties: '' });
}

/** Bodies of the messages that a query finds; without changes all of TopicTest with the key, up to 64. */
export async function foundBodies(
  store: MessageStore,
  key: string,
  changes: Partial<IndexQuery> = {},
): Promise<string[]> {
  const query = { topic: 'TopicTest', key, maxMessages: 64, begin: 0, end: Number.MAX_SAFE_INTEGER, ...changes };
  return (await store.query(query)).records.map((record) => decodeMessage(record).body.toString());
}

/** Lets the index come up with the log. */
export async function indexCaughtUp(store: MessageStore): Promise<void> {
  // The first answer waits for the files to be loaded.
  await foundBodies(store, '');
  while (store.figures().indexBehindBytes > 0) await nextTurn();
}

/** Paths of the index files in the store at `root`, oldest first. */
export function indexPaths(root: string): string[] {
  const directory = join(root, 'index');
  return readdirSync(directory)
    .sort()
    .map((name) => join(directory, name));
}

export function indexContents(root: string): Buffer[] {
  return indexPaths(root).map((path) => readFileSync(path));
}
