/*
 * Sends through a client as applications have it, so many at a time. Argument: one JSON text, see ClientSendConfig. Prints
 * "measure", "end" and a ClientSendResult.
 */
import type { LoadResult } from '../sides/load.js';
import { Tally } from './lane.js';
import { sendingClients, type SendingClientConfig } from './sending-clients.js';
import { configuration, fail, printResult, startMeasuring, type Timing } from './timed-run.js';

export interface ClientSendConfig extends SendingClientConfig, Timing {
  readonly client: keyof typeof sendingClients;
  /** Sends without an answer at any time. */
  readonly inFlight: number;
}

export interface ClientSendResult extends LoadResult {
  /** Of the whole run: as many messages more the topic must have. */
  readonly sent: number;
}

const config = configuration<ClientSendConfig>();
const client = await sendingClients[config.client](config);
const tally = new Tally();
let sent = 0;
const run = { isOver: false };

async function sendAgainAndAgain(): Promise<void> {
  while (!run.isOver) {
    const startedAt = performance.now();
    const { sendStatus } = await client.send();
    if (sendStatus !== 'SEND_OK') throw new Error(`a send ended with ${sendStatus}`);
    sent++;
    if (!tally.isMeasuring) continue;
    tally.messages++;
    tally.latency.record((performance.now() - startedAt) * 1000);
  }
}

const lanes = Promise.all(Array.from({ length: config.inFlight }, sendAgainAndAgain)).catch(fail);
setTimeout(() => {
  const stop = startMeasuring(tally);
  setTimeout(() => {
    const result = stop();
    run.isOver = true;
    void lanes
      .then(() => client.close())
      .then(() => {
        printResult({ ...result, sent } satisfies ClientSendResult);
        // What a client leaves running is not what is measured.
        process.exit(0);
      });
  }, config.measure);
}, config.warmUp);
