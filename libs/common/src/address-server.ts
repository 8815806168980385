import { get, type IncomingMessage } from 'node:http';
import type { Clock, Timer } from './clock.js';
import { messageOf, RocketMQError } from './errors.js';
import type { Logger } from './logger.js';
import { isHostAndPort } from './name-server-source.js';

const firstPoll = 10_000;
const pollInterval = 120_000;
const answerTimeout = 3000;
/** Bytes; a list of name servers is a line. */
const longestAnswer = 64 * 1024;
const mostNameServers = 256;

export interface AddressServerOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with each list that came, also when it is the one before. Never empty. */
  readonly onNameServers: (addresses: readonly string[]) => void;
}

/**
 * An HTTP server that knows the name servers. What it answers is checked; while it answers nothing of use, the list it
 * gave before stays.
 */
export class AddressServer {
  private asking: Promise<readonly string[]> | undefined;
  private timers: Timer[] = [];
  private readonly abort = new AbortController();
  private isDown = false;

  constructor(private readonly options: AddressServerOptions) {}

  get url(): string {
    return this.options.url;
  }

  /** Asks from time to time from now on: 10 s later, and every two minutes. */
  start(): void {
    const { clock } = this.options;
    const poll = (): void => void this.ask().catch(() => undefined);
    const first = clock.every(firstPoll, () => {
      first.cancel();
      poll();
      this.timers.push(clock.every(pollInterval, poll));
    });
    this.timers.push(first);
  }

  /**
   * Asks now; callers meanwhile share the answer.
   *
   * @throws RocketMQError NAME_SERVER_UNAVAILABLE naming the address server and what is wrong.
   */
  ask(): Promise<readonly string[]> {
    this.asking ??= this.askOnce().finally(() => (this.asking = undefined));
    return this.asking;
  }

  close(): void {
    this.abort.abort();
    for (const timer of this.timers) timer.cancel();
  }

  private async askOnce(): Promise<readonly string[]> {
    const { url, clock, log, onNameServers } = this.options;
    const deadline = new AbortController();
    const timer = clock.after(answerTimeout, () => deadline.abort());
    try {
      const addresses = addressesIn(await fetchText(url, AbortSignal.any([deadline.signal, this.abort.signal])));
      if (this.abort.signal.aborted) return addresses;
      if (this.isDown) log.info('the address server answers again', { url });
      this.isDown = false;
      onNameServers(addresses);
      return addresses;
    } catch (error) {
      const reason = deadline.signal.aborted ? `no answer within ${answerTimeout} ms` : messageOf(error);
      const text = `the address server ${url} names no name servers: ${reason}`;
      if (!this.abort.signal.aborted) log[this.isDown ? 'debug' : 'warn'](text);
      this.isDown = true;
      throw new RocketMQError('NAME_SERVER_UNAVAILABLE', text, { cause: error });
    } finally {
      timer.cancel();
    }
  }
}

/** No redirects, no connection kept. */
function fetchText(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal }, (response) => readText(response).then(resolve, reject));
    request.on('error', reject);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`it answered with HTTP status ${response.statusCode}`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestAnswer) throw new Error(`it answered with more than ${longestAnswer} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The first line, "host:port;host:port". */
function addressesIn(text: string): readonly string[] {
  const [line = ''] = text.trim().split(/[\r\n]/, 1);
  const given = line.split(';').map((address) => address.trim());
  const addresses = [...new Set(given.filter((address) => address !== ''))];
  const wrong = addresses.find((address) => !isHostAndPort(address));
  if (wrong !== undefined) throw new Error(`it names ${JSON.stringify(wrong.slice(0, 64))}, which is not host:port`);
  if (addresses.length === 0) throw new Error('its answer is empty');
  if (addresses.length > mostNameServers) throw new Error(`it names more than ${mostNameServers}`);
  return addresses;
}
