import { allowedNameServers, isHostAndPort, nameServerList } from '../options/checks.js';
import { RocketMQOptionsError } from '../options/validate.js';

/** Which name servers an application uses, and by whose word. */
export type NameServerChoice =
  | { readonly source: 'testing' | 'option' | 'environment' | 'hosted'; readonly addresses: readonly string[] }
  | { readonly source: 'embedded' };

/** Everything that may name one, strongest first. */
export interface NameServerSources {
  /** Servers that a test module started. */
  readonly testing?: string | undefined;
  /** RocketMQModule's `nameServer`. */
  readonly option?: string | readonly string[] | undefined;
  /** NAMESRV_ADDR. */
  readonly environment?: string | undefined;
  /** A NameServerModule in the same application. */
  readonly hosted?: string | undefined;
  readonly embedded: boolean;
}

/**
 * A configured name server wins over one that would be hosted, so that an application outgrows `embedded` by its
 * environment alone.
 *
 * @throws RocketMQOptionsError when nothing names one, or NAMESRV_ADDR names something else.
 */
export function chooseNameServer(sources: NameServerSources): NameServerChoice {
  for (const source of ['testing', 'option', 'environment', 'hosted'] as const) {
    const addresses = nameServerList(sources[source]);
    if (source === 'environment' && !addresses.every(isHostAndPort)) {
      throw new RocketMQOptionsError(
        `RocketMQModule: NAMESRV_ADDR ${allowedNameServers}; it is ${JSON.stringify(sources.environment)}`,
      );
    }
    if (addresses.length > 0) return { source, addresses };
  }
  if (sources.embedded) return { source: 'embedded' };
  throw new RocketMQOptionsError(
    "RocketMQModule: no name server. Give nameServer ('host:9876;host:9876'), set NAMESRV_ADDR, or set embedded: true to host one in this application.",
  );
}
