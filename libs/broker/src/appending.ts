import type { AppendMessage, AppendResult, MessageStore } from '../../store/src/index.js';

/** Appends a message that the broker itself writes. Resolves with every outcome; look at {@link isStored}. */
export function appended(store: Pick<MessageStore, 'append'>, message: AppendMessage): Promise<AppendResult> {
  return new Promise((resolve) => store.append(message, resolve));
}

/** Whether the log has it: so it has when the disk was late. */
export function isStored({ status }: Pick<AppendResult, 'status'>): boolean {
  return status === 'OK' || status === 'FLUSH_DISK_TIMEOUT';
}
