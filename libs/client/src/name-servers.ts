import {
  AddressServer,
  RocketMQError,
  codeOf,
  messageOf,
  pause,
  type Clock,
  type Logger,
} from '../../common/src/index.js';
import type { Declaration, Fields, HeaderInput, HeaderOf } from '../../protocol/src/index.js';
import type { CallOptions, CodedReply, RemotingClient } from '../../remoting/src/index.js';

interface Parts {
  /** May be empty when there is an address server. */
  readonly addresses: readonly string[];
  /** URL; tells which name servers there are, when none was given. */
  readonly addressServer?: string | undefined;
  readonly remoting: Pick<RemotingClient, 'call'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Between two rounds over all name servers while waiting for the first answer, milliseconds. */
const retryInterval = 3_000;

/**
 * The list of name servers. One is asked as long as it answers; when it does not, the next one is asked within the same
 * call and then stays the one. An address server may change the list at any time: whoever is asked then is asked on, if
 * the new list still has it.
 */
export class NameServers {
  #addresses: readonly string[];
  #current: number;
  readonly #addressServer: AddressServer | undefined;

  constructor(private readonly parts: Parts) {
    const { addresses, addressServer: url, clock, log } = parts;
    this.#addresses = addresses;
    // Clients spread over the list; each sticks to where it began.
    this.#current = anyOf(addresses);
    if (url !== undefined) {
      this.#addressServer = new AddressServer({ url, clock, log, onNameServers: (list) => this.#replace(list) });
    }
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Asks the address server, if there is one, from time to time. */
  start(): void {
    this.#addressServer?.start();
  }

  close(): void {
    this.#addressServer?.close();
  }

  #replace(addresses: readonly string[]): void {
    const before = this.#addresses;
    if (addresses.join(';') === before.join(';')) return;
    const current = addresses.indexOf(before[this.#current] ?? '');
    this.#addresses = addresses;
    this.#current = current < 0 ? anyOf(addresses) : current;
    this.parts.log.info('the name servers changed', { before: before.join(';'), now: addresses.join(';') });
  }

  /**
   * Asks one after another until one answers; an answer that refuses counts.
   *
   * @throws RocketMQError NAME_SERVER_UNAVAILABLE naming every address and why; ResponseError when refused.
   */
  async call<H extends Fields, R extends Fields, Q, P>(
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: CallOptions<Q>,
  ): Promise<CodedReply<HeaderOf<R>, P>> {
    if (this.#addresses.length === 0) await this.#addressServer?.ask();
    const { remoting } = this.parts;
    // Another list may come meanwhile: this call ends with the one it began with.
    const addresses = this.#addresses;
    const first = this.#current;
    const failures: string[] = [];
    let cause: unknown;
    for (let tried = 0; tried < addresses.length; tried++) {
      const index = (first + tried) % addresses.length;
      const address = addresses[index] as string;
      try {
        return await remoting.call(address, declaration, header, options);
      } catch (error) {
        if (codeOf(error) === 'REQUEST_REFUSED' || codeOf(error) === 'CLOSED') throw error;
        cause = error;
        failures.push(`${address} does not answer (${reasonOf(error)})`);
        // Somebody else's call may have moved on already.
        if (this.#current === index && this.#addresses === addresses) this.#current = (index + 1) % addresses.length;
      }
    }
    throw new RocketMQError('NAME_SERVER_UNAVAILABLE', `Name server ${failures.join(', name server ')}`, { cause });
  }

  /**
   * Makes sure that a name server answers: `probe` is any call. With `patient`, asks again every 3 s until one does.
   *
   * @throws RocketMQError NAME_SERVER_UNAVAILABLE; CLOSED when `signal` aborts first.
   */
  async reach(probe: () => Promise<unknown>, patient: boolean, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await probe();
        return;
      } catch (error) {
        if (signal.aborted)
          throw new RocketMQError('CLOSED', 'The client was closed while it waited for a name server');
        if (!patient || codeOf(error) !== 'NAME_SERVER_UNAVAILABLE') throw error;
        this.parts.log.warn(
          `${messageOf(error)}; still trying every ${retryInterval / 1000} s (onConnectFailure: 'retry').`,
        );
      }
      await pause(this.parts.clock, retryInterval, signal);
      if (signal.aborted) throw new RocketMQError('CLOSED', 'The client was closed while it waited for a name server');
    }
  }
}

function anyOf(addresses: readonly string[]): number {
  return Math.floor(Math.random() * addresses.length);
}

/** The operating system's code where there is one: ECONNREFUSED says more than a sentence about it. */
function reasonOf(error: unknown): string {
  let reason = codeOf(error) === 'TIMEOUT' ? 'no answer in time' : messageOf(error);
  for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) reason = codeOf(cause) ?? reason;
  return reason;
}

function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
}
