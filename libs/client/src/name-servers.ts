import { RocketMQError, codeOf, messageOf, pause, type Clock, type Logger } from '../../common/src/index.js';
import type { Declaration, Fields, HeaderInput, HeaderOf } from '../../protocol/src/index.js';
import type { CallOptions, CodedReply, RemotingClient } from '../../remoting/src/index.js';

interface Parts {
  readonly addresses: readonly string[];
  readonly remoting: Pick<RemotingClient, 'call'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Between two rounds over all name servers while waiting for the first answer, milliseconds. */
const retryInterval = 3_000;

/**
 * The list of name servers. One is asked as long as it answers; when it does not, the next one is asked within the same
 * call and then stays the one.
 */
export class NameServers {
  #current: number;

  constructor(private readonly parts: Parts) {
    // Clients spread over the list; each sticks to where it began.
    this.#current = Math.floor(Math.random() * parts.addresses.length);
  }

  get addresses(): readonly string[] {
    return this.parts.addresses;
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
    const { addresses, remoting } = this.parts;
    const failures: string[] = [];
    let cause: unknown;
    for (let tried = 0; tried < addresses.length; tried++) {
      const index = this.#current;
      const address = addresses[index] as string;
      try {
        return await remoting.call(address, declaration, header, options);
      } catch (error) {
        if (codeOf(error) === 'REQUEST_REFUSED' || codeOf(error) === 'CLOSED') throw error;
        cause = error;
        failures.push(`${address} does not answer (${reasonOf(error)})`);
        // Somebody else's call may have moved on already.
        if (this.#current === index) this.#current = (index + 1) % addresses.length;
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

/** The operating system's code where there is one: ECONNREFUSED says more than a sentence about it. */
function reasonOf(error: unknown): string {
  let reason = codeOf(error) === 'TIMEOUT' ? 'no answer in time' : messageOf(error);
  for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) reason = codeOf(cause) ?? reason;
  return reason;
}

function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
}
