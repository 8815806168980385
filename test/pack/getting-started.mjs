// docs/getting-started.md as its reader follows it: takes the guide's files, starts what is built of them, places its
// order, and stops it. What it leaves as the Nest CLI makes it stands in getting-started/: app.service.ts.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

const waitMillis = 60_000;

/** Writes each file of the guide into `directory`: a line that begins with its name, then its text. */
export function writeGuideFiles(guide, directory) {
  const text = readFileSync(guide, 'utf8');
  const files = [...text.matchAll(/^`(src\/[\w.-]+)` [^\n]*\n(?:[^\n`]+\n)*\n```ts\n(.*?)^```$/gms)];
  for (const [, path, source] of files) writeFileSync(join(directory, path), source);
  return files.map(([, path]) => path);
}

/** Runs the application, posts the order of the guide's curl, and ends it by SIGINT. Returns what does not hold. */
export async function followGuide(guide, directory) {
  const text = readFileSync(guide, 'utf8');
  const [, path, type, order] = /curl -X POST localhost:3000(\S+) -H 'content-type: (\S+)' -d '(.*)'$/m.exec(text);
  const printed = /upon which the application prints\n\n```text\n(.*)\n```/.exec(text)[1];
  const port = await freePort();
  const application = spawn(process.execPath, ['dist/main.js'], {
    cwd: directory,
    env: { ...process.env, PORT: String(port), NO_COLOR: '1' },
  });
  let output = '';
  for (const stream of [application.stdout, application.stderr]) stream.on('data', (piece) => (output += piece));
  try {
    await until(() => output.includes('Nest application successfully started'));
    // Nest says so before it listens.
    await until(() => accepts(port));
    const url = `http://127.0.0.1:${port}${path}`;
    const answer = await (await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: order })).text();
    if (!answer.includes('"sendStatus":"SEND_OK"')) return `the order is answered with ${answer}\n${output}`;
    await until(() => output.split('\n').includes(printed));
    application.kill('SIGINT');
    const [code, signal] = await once(application, 'exit', { signal: AbortSignal.timeout(waitMillis) });
    // Nest's shutdown hooks end a process by the signal it was asked to end by.
    return code === 0 || signal === 'SIGINT' ? '' : `ends with ${code ?? signal}\n${output}`;
  } catch (error) {
    return `${String(error)}\n${output}`;
  } finally {
    application.kill('SIGKILL');
  }
}

async function until(holds) {
  for (const end = Date.now() + waitMillis; !(await holds());) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function accepts(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
