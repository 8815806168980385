// Do the checks notice? Eight bugs, each planted into a copy of the tree, and each has to make the crash checks fail.
// A patch is an exact text; when the code has moved on, it says so and fails.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const mutations = [
  {
    name: 'ack before flush',
    file: 'libs/store/src/write/appender.ts',
    before: `    if (this.isSync) this.awaitFlush(group);
    else this.finish(group);`,
    after: `    if (this.isSync) this.flusher.request();
    this.finish(group);`,
  },
  {
    name: 'CRC not checked',
    file: 'libs/store/src/commit-log/record-reader.ts',
    before: 'if (bodyLength > 0 && messageCrc(',
    after: 'if (bodyLength < 0 && messageCrc(',
  },
  {
    name: 'tail not cut',
    file: 'libs/store/src/commit-log/segments.ts',
    before: '      this.disk.truncate(fd, offset - base);\n',
    after: '',
  },
  {
    name: 'offset + 1',
    file: 'libs/store/src/write/appender.ts',
    before: 'const queueOffset = isQueued ? queue.nextOffset : 0;',
    after: 'const queueOffset = isQueued ? queue.nextOffset + 1 : 0;',
  },
  {
    name: 'drop on failed put',
    file: 'libs/store/src/write/appender.ts',
    before: `      this.fence(\`write to the commit log failed: \${messageOf(error)}\`);
      return false;`,
    after: `      this.parts.logger.error('a write failed', { error: messageOf(error) });
      return true;`,
  },
  {
    name: 'unordered flush',
    file: 'libs/store/src/commit-log/segments.ts',
    before: 'for (const segment of segments) if (',
    after: 'for (const segment of segments.slice(-1)) if (',
  },
  {
    name: 'direct write not awaited',
    file: 'libs/store/src/commit-log/direct-writer.ts',
    before: '    await this.write(base,',
    after: '    void this.write(base,',
  },
  {
    name: 'last block not kept',
    file: 'libs/store/src/commit-log/chunk.ts',
    before: '    memory.bytes.set(head);\n',
    after: '',
  },
];

// Quick ones first: one that fails is enough.
const checks = ['upstream-failures', 'crash-images', 'corruption', 'disk-errors'].map(
  (name) => `test/store/${name}.spec.ts`,
);
const root = process.cwd();
const copy = mkdtempSync(join(tmpdir(), 'mutations-'));
const skipped = new Set(['node_modules', 'dist', '.git', '.cache', 'bench']);

/** Runs the checks in the copy; the first one that fails is enough. */
function runChecks() {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', join(root, 'node_modules/jest/bin/jest.js'), '--runInBand', '--bail', ...checks],
    { cwd: copy, encoding: 'utf8', env: { ...process.env, CRASH_SEED: '1' } },
  );
  return { isGreen: status === 0, caughtBy: /^FAIL (\S+)/m.exec(stderr)?.[1], stderr };
}

function plant({ name, file, before, after }) {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  const places = text.split(before).length - 1;
  if (places !== 1)
    throw new Error(`"${name}" fits ${places} places of ${file}: adapt its text in test/crash/mutations.mjs`);
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
  return () => writeFileSync(path, text);
}

try {
  cpSync(root, copy, { recursive: true, filter: (path) => !skipped.has(relative(root, path).split('/').at(-1) ?? '') });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const sound = runChecks();
  if (!sound.isGreen) throw new Error(`the checks fail without any mutation:\n${sound.stderr}`);
  const rows = mutations.map((mutation) => {
    const restore = plant(mutation);
    const { isGreen, caughtBy } = runChecks();
    restore();
    console.log(`${mutation.name.padEnd(20)} ${isGreen ? 'NOT CAUGHT' : `caught by ${caughtBy}`}`);
    return isGreen ? 0 : 1;
  });
  const caught = rows.reduce((sum, row) => sum + row, 0);
  console.log(`${caught} passed, ${mutations.length - caught} failed`);
  process.exitCode = caught === mutations.length ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
