import type { Connection } from '../../../remoting/src/index.js';

/** A client on its connection, as a heartbeat described it. */
export interface ClientMember {
  readonly connection: Connection;
  readonly clientId: string;
  /** LanguageCode ordinal. */
  readonly language: number;
  /** MQVersion ordinal. */
  readonly version: number;
  /** Of the last heartbeat; monotonic milliseconds. */
  lastHeartbeat: number;
}

/** Most groups with members, of producers and of consumers each: names come from clients. */
export const maxMemberGroups = 100_000;
/** Clients that have not sent a heartbeat for this long are gone. */
export const memberExpiry = 120_000;
/** How often that is looked at. */
export const memberScanInterval = 10_000;
