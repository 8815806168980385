import { addressServerOf, messageOf, nameServersOf, type Environment } from '../../libs/common/src/index.js';
import { allowedNameServers, isHostAndPort, nameServerList } from '../options/checks.js';
import { RocketMQOptionsError } from '../options/validate.js';

/** Which name servers an application uses, and by whose word. */
export type NameServerChoice =
  | {
      readonly source: 'testing' | 'option' | 'environment' | 'hosted';
      readonly addresses: readonly string[];
      /** The variable of the environment. */
      readonly variable?: string | undefined;
    }
  /** The client asks it, and goes on asking. */
  | { readonly source: 'addressServer'; readonly url: string }
  | { readonly source: 'embedded' };

/** Everything that may name one, strongest first. */
export interface NameServerSources {
  /** Servers that a test module started. */
  readonly testing?: string | undefined;
  /** RocketMQModule's `nameServer`. */
  readonly option?: string | readonly string[] | undefined;
  /** rocketmq.namesrv.addr, NAMESRV_ADDR, and last of all the address server of rocketmq.namesrv.domain. */
  readonly environment?: Environment | undefined;
  /** A NameServerModule in the same application. */
  readonly hosted?: string | undefined;
  readonly embedded: boolean;
  /** Of the client: its address server has a list for each. */
  readonly unitName?: string | undefined;
  /** Whose options these are; errors begin with it. Default 'RocketMQModule'. */
  readonly where?: string | undefined;
}

/**
 * A configured name server wins over one that would be hosted, so that an application outgrows `embedded` by its
 * environment alone.
 *
 * @throws RocketMQOptionsError when nothing names one, or the environment names something else.
 */
export function chooseNameServer(sources: NameServerSources): NameServerChoice {
  const { where = 'RocketMQModule' } = sources;
  const environment = nameServersOf(sources.environment ?? {});
  for (const source of ['testing', 'option', 'environment', 'hosted'] as const) {
    const addresses = nameServerList(source === 'environment' ? environment?.text : sources[source]);
    if (source === 'environment' && !addresses.every(isHostAndPort)) {
      throw new RocketMQOptionsError(
        `${where}: ${environment?.source} ${allowedNameServers}; it is ${JSON.stringify(environment?.text)}`,
      );
    }
    const variable = source === 'environment' ? environment?.source : undefined;
    if (addresses.length > 0) return { source, addresses, variable };
  }
  const url = addressServerIn(sources);
  if (url !== undefined) return { source: 'addressServer', url };
  if (sources.embedded) return { source: 'embedded' };
  throw new RocketMQOptionsError(
    `${where}: no name server. Give nameServer ('host:9876;host:9876'), set NAMESRV_ADDR, or set embedded: true to host one in this application.`,
  );
}

function addressServerIn({
  environment = {},
  unitName,
  where = 'RocketMQModule',
}: NameServerSources): string | undefined {
  try {
    return addressServerOf(environment, unitName);
  } catch (error) {
    throw new RocketMQOptionsError(`${where}: ${messageOf(error)}`);
  }
}
