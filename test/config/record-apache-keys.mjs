// Records which configuration keys Apache RocketMQ declares, with their defaults, into apache-keys.json.
//
//   node test/config/record-apache-keys.mjs 4.9.7=<directory of its jars> 5.3.3=<directory of its jars>
//
// Needs a JDK (17 or later) on the PATH. Runs the program twice per version, as if on 1 and on 64 processors: a default
// that differs between the two is the machine's, not Apache's.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, 'recorder', 'ConfigKeys.java');
const classes = [
  'common.BrokerConfig',
  'store.config.MessageStoreConfig',
  'remoting.netty.NettyServerConfig',
  'remoting.netty.NettyClientConfig',
  'common.namesrv.NamesrvConfig',
  'auth.config.AuthConfig',
  'common.ControllerConfig',
  'common.JraftConfig',
].map((name) => `org.apache.rocketmq.${name}`);
const ofTheMachine = new Set(['brokerName', 'brokerIP1', 'brokerIP2']);
const ofTheObject = new Set(['jraftConfig']);

function declaredKeys(jars, processors) {
  const directory = mkdtempSync(join(tmpdir(), 'apache-keys-'));
  const options = [`-XX:ActiveProcessorCount=${processors}`, '-Duser.home=~', '-cp', join(resolve(jars), '*')];
  try {
    const text = execFileSync('java', [...options, program, ...classes], { encoding: 'utf8', cwd: directory });
    const lines = text.split('\n').filter((line) => /^\w+Config\t/.test(line));
    return new Map(lines.map((line) => [line.split('\t', 2).join('.'), line.split('\t')]));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function valueOf(kind, text) {
  if (kind === 'boolean') return text === 'true';
  return ['int', 'long', 'double'].includes(kind) ? Number(text) : text;
}

function entriesOf(jars) {
  const small = declaredKeys(jars, 1);
  const large = declaredKeys(jars, 64);
  return [...small].map(([id, [config, name, kind, text, important, values]]) => {
    const isVariable = ofTheMachine.has(name) || large.get(id)?.[3] !== text;
    const entry = { config, name, kind: kind === 'enum' ? 'enum' : kind.replace('Integer', 'int') };
    if (important === 'true') entry.important = true;
    if (values) entry.values = values.slice(1, -1).split(', ');
    return { ...entry, default: isVariable ? null : valueOf(kind, text) };
  });
}

const versions = process.argv.slice(2).map((argument) => argument.split('='));
if (versions.length === 0 || versions.some((version) => version.length !== 2)) {
  console.error(`usage: record-apache-keys.mjs <version>=<directory of jars> ... (not separated by '${delimiter}')`);
  process.exit(2);
}
const merged = {};
for (const [version, jars] of versions) {
  for (const { config, name, ...entry } of entriesOf(jars)) {
    if (ofTheObject.has(name)) continue;
    merged[config] ??= {};
    const known = merged[config][name];
    if (!known) merged[config][name] = { versions: [version], ...entry };
    else Object.assign(known, { versions: [...known.versions, version] });
    if (known && known.default !== entry.default) known.otherDefaults = [...(known.otherDefaults ?? []), entry.default];
  }
}
const sorted = Object.entries(merged).map(([config, keys]) => {
  return [config, Object.fromEntries(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)))];
});
const text = JSON.stringify(Object.fromEntries(sorted));
writeFileSync(join(here, 'apache-keys.json'), await format(text, { parser: 'json', printWidth: 120 }));
