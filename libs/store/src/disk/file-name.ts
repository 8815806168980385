import { join } from 'node:path';

const digits = 20;

/** Files of the log and of consume queues are named by the byte offset of their first byte, in 20 digits. */
export function offsetFileName(offset: number): string {
  return String(offset).padStart(digits, '0');
}

/** The offset in a file name, or undefined for a name that is none (editors and systems leave files behind). */
export function offsetOfFileName(name: string): number | undefined {
  if (!/^\d{20}$/.test(name)) return undefined;
  const offset = Number(name);
  return Number.isSafeInteger(offset) ? offset : undefined;
}

export function offsetFilePath(directory: string, offset: number): string {
  return join(directory, offsetFileName(offset));
}
