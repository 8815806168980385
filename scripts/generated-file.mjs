import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Writes a generated file unless it is as it should be, or `check` is set.
 *
 * @param path from the root of the project
 * @returns whether it was as it should be
 */
export function isGenerated(path, text, { check = false } = {}) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  if (existing(file) === text) return true;
  if (!check) writeFileSync(file, text);
  return false;
}

function existing(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
