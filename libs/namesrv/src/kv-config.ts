import { createTableFile, type Clock, type Logger, type TableFile } from '../../common/src/index.js';
import { jsonBean, jsonMap, jsonText, readJson, writeJson } from '../../protocol/src/index.js';

/** Namespace whose keys are topics: "brokerA:4;brokerB:4" says where an ordered topic's queues are. */
export const orderTopicNamespace = 'ORDER_TOPIC_CONFIG';

const fileShape = jsonBean({ configTable: jsonMap(jsonText, jsonMap(jsonText, jsonText)) });

/** Characters of all namespaces, keys and values together. */
const mostCharacters = 16 * 1024 * 1024;

/** Texts by namespace and key, kept in a file. */
export class KvConfig {
  private configTable = new Map<string, Map<string, string>>();
  private characters = 0;
  private readonly file: TableFile;

  constructor(path: string, clock: Clock, log: Logger) {
    this.file = createTableFile({
      path,
      clock,
      log,
      encode: () => writeJson(fileShape.write({ configTable: this.configTable }) ?? null),
      decode: (text) => this.takeOver(text),
    });
  }

  /** @throws RocketMQError STORE_CORRUPT, STORE_UNAVAILABLE naming the file */
  load(): Promise<void> {
    return this.file.load();
  }

  /** Resolves when nothing is being written any more. */
  settled(): Promise<void> {
    return this.file.settled();
  }

  get(namespace: string, key: string): string | undefined {
    return this.configTable.get(namespace)?.get(key);
  }

  /** Undefined when nothing was ever put there; an empty map when all of it was deleted. */
  namespace(namespace: string): ReadonlyMap<string, string> | undefined {
    return this.configTable.get(namespace);
  }

  /** False when there is no room. @throws RocketMQError STORE_UNAVAILABLE when it could not be written to disk */
  async put(namespace: string, key: string, value: string): Promise<boolean> {
    const before = this.get(namespace, key);
    const added = value.length - (before === undefined ? -namespace.length - key.length : before.length);
    if (this.characters + added > mostCharacters) return false;
    let entries = this.configTable.get(namespace);
    if (entries === undefined) this.configTable.set(namespace, (entries = new Map()));
    entries.set(key, value);
    this.characters += added;
    await this.file.save();
    return true;
  }

  /** @throws RocketMQError STORE_UNAVAILABLE when it could not be written to disk */
  async delete(namespace: string, key: string): Promise<void> {
    const value = this.get(namespace, key);
    if (value !== undefined) {
      this.configTable.get(namespace)?.delete(key);
      this.characters -= namespace.length + key.length + value.length;
    }
    await this.file.save();
  }

  private takeOver(text: string): void {
    const { configTable } = fileShape.read(readJson(text), '$');
    this.configTable = new Map([...configTable].map(([namespace, entries]) => [namespace, new Map(entries)]));
    this.characters = 0;
    for (const [namespace, entries] of this.configTable) {
      for (const [key, value] of entries) this.characters += namespace.length + key.length + value.length;
    }
  }
}
