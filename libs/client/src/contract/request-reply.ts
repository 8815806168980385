import type { ReceivedMessage } from './message.js';

/** What the callback form of a request is told: one of the two, once. */
export interface RequestCallback {
  /** The reply. */
  onSuccess(reply: ReceivedMessage): void;
  /** No reply in time, or what the send failed of. */
  onException(error: unknown): void;
}

/** What answers a request: it goes to whoever asked, so it needs no topic. */
export interface ReplyMessage {
  readonly body: Buffer | string;
  readonly tags?: string;
  readonly keys?: string | readonly string[];
  /** User properties; reserved names and the separators 0x01 and 0x02 are refused. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly flag?: number;
}
