import { parseConfigValue, parseProperties, messageOf, type Clock, type ConfigTable } from '../../common/src/index.js';
import { ResponseCode, type DataVersion } from '../../protocol/src/index.js';
import { fail, type Fail } from '../../remoting/src/index.js';
import type { BrokerConfig } from './broker-config.js';
import { lockedConfigKeys } from './config.js';
import { rollWindowProblem } from './delay/timer/roll-window.js';
import { everyBrokerKey } from './read-broker-config.js';
import { nameServerAddresses } from './registration/name-server-addresses.js';
import { nextVersion } from './tables/data-version.js';

const keys: ConfigTable = everyBrokerKey;

// oxlint-disable-next-line no-control-regex -- a line break in a value would forge a line wherever it is printed
const controlCharacter = /[\u0000-\u001f\u007f]/;

/** Changes to a running broker's configuration: an allowlist of keys, and never a path or a command. */
export class LiveConfig {
  private dataVersion: DataVersion;
  private readonly listeners: ((changed: ReadonlySet<string>) => void)[] = [];

  constructor(
    private readonly config: BrokerConfig,
    private readonly clock: Clock,
  ) {
    this.dataVersion = { timestamp: clock.now(), counter: 0 };
  }

  get version(): DataVersion {
    return this.dataVersion;
  }

  onChange(listener: (changed: ReadonlySet<string>) => void): void {
    this.listeners.push(listener);
  }

  /** `text` is properties text. Undefined when all of it was taken over; otherwise nothing was. */
  update(text: string): Fail<never> | undefined {
    let given: Map<string, string>;
    try {
      given = parseProperties(text, 'configuration update');
    } catch (error) {
      return fail(ResponseCode.INVALID_PARAMETER, messageOf(error));
    }
    const values: Record<string, string | number | boolean> = {};
    for (const [name, raw] of given) {
      if (lockedConfigKeys.has(name)) return fail(ResponseCode.NO_PERMISSION, 'Can not update config in black list.');
      const canonical = canonicalName(name);
      const key = canonical === undefined ? undefined : keys[canonical];
      if (canonical === undefined || key === undefined) return invalid(name, 'is no key of this broker');
      if (key.noEffect !== undefined) return invalid(name, `has no effect here: ${key.noEffect}`);
      if (key.live !== true) return invalid(name, `cannot be changed while the broker runs; these can: ${liveKeys()}`);
      if (controlCharacter.test(raw)) return invalid(name, 'must not hold control characters');
      const parsed = parseConfigValue(key, raw);
      if ('problem' in parsed) return invalid(name, parsed.problem);
      const wrong = canonical === 'namesrvAddr' ? addressProblem(raw) : undefined;
      if (wrong !== undefined) return invalid(name, wrong);
      values[canonical] = parsed.value;
    }
    const unsafe = rollWindowProblem({ ...this.config, ...values });
    if (unsafe !== undefined) return fail(ResponseCode.INVALID_PARAMETER, unsafe);
    Object.assign(this.config, values);
    this.dataVersion = nextVersion(this.dataVersion, this.clock);
    for (const listener of this.listeners) listener(new Set(Object.keys(values)));
    return undefined;
  }
}

function addressProblem(text: string): string | undefined {
  try {
    nameServerAddresses(text);
    return undefined;
  } catch (error) {
    return `is refused: ${messageOf(error)}`;
  }
}

function canonicalName(name: string): string | undefined {
  if (Object.hasOwn(keys, name)) return name;
  return Object.keys(keys).find((candidate) => keys[candidate]?.aliases?.includes(name));
}

function liveKeys(): string {
  return Object.keys(keys)
    .filter((name) => keys[name]?.live === true)
    .join(', ');
}

function invalid(name: string, problem: string): Fail<never> {
  return fail(ResponseCode.INVALID_PARAMETER, `${JSON.stringify(name.slice(0, 64))} ${problem}`);
}
