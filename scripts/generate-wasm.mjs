// The WebAssembly module of the store, from its AssemblyScript.
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { isGenerated } from './generated-file.mjs';

const source = 'libs/store/wasm/gather-records.ts';
export const wasmPath = 'libs/store/src/read/gather-records.wasm.ts';
const root = new URL('../', import.meta.url);

const options = ['-O3', '--runtime', 'stub', '--importMemory', '--noAssert', '--outFile', 'module.wasm'];

/** What the file should be. @throws Error with the compiler's messages */
export async function wasmText() {
  let module;
  const { error, stderr } = await asc.main([source, ...options], {
    readFile: (name) => (name === source ? readFileSync(new URL(name, root), 'utf8') : null),
    writeFile: (name, bytes) => {
      if (name === 'module.wasm') module = Buffer.from(bytes);
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${source}: ${stderr.toString() || error.message}`);
  const lines = module
    .toString('base64')
    .match(/.{1,110}/g)
    .map((line) => `  '${line}'`);
  return `/* Written by npm run generate, with assemblyscript, from ${source}: change that file. */\nexport const gatherRecordsModule =\n${lines.join(' +\n')};\n`;
}

/** Writes the file unless it is as it should be, or `check` is set. Returns false when it was not. */
export async function generateWasm(options) {
  return isGenerated(wasmPath, await wasmText(), options);
}
