import { homedir, hostname, networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  addressServerUrl,
  readConfig,
  RocketMQError,
  type ConfigOf,
  type ConfigTable,
} from '../../common/src/index.js';
import { topicNameProblem } from '../../protocol/src/index.js';
import { storeConfigTable, type StoreConfig } from '../../store/src/index.js';
import { brokerConfigTable } from './config.js';
import { fittingRollWindow, rollWindowProblem } from './delay/timer/roll-window.js';

/** Every key that takes effect, with its value. docs/configuration.md explains each. */
export type BrokerConfig = ConfigOf<typeof brokerConfigTable> & StoreConfig;

/** Every key that takes effect in a broker and its store. */
export const allBrokerKeys = { ...storeConfigTable, ...brokerConfigTable };

/**
 * The whole configuration from what is set of it: values checked, defaults that depend on the machine or on other keys
 * filled in. Keys that take no effect here may be there; they are left out.
 *
 * @throws RocketMQError CONFIG_INVALID naming every wrong value; UNSUPPORTED for a feature that is not there.
 */
export function resolveBrokerConfig(given: Partial<BrokerConfig>): BrokerConfig {
  const known = Object.entries(given).filter(([name]) => Object.hasOwn(allBrokerKeys, name));
  const { values } = readConfig<typeof allBrokerKeys & ConfigTable>(allBrokerKeys, known, 'broker configuration');
  const config = values as BrokerConfig;
  config.brokerName ||= hostname();
  config.storePathRootDir ||= join(homedir(), 'store');
  const { bindAddress, brokerIP1 } = config;
  config.bindAddress = bindAddress || brokerIP1 || '127.0.0.1';
  config.brokerIP1 = brokerIP1 || advertisedAddress(config.bindAddress);
  config.useServerSideResetOffset = given.useServerSideResetOffset ?? config.brokerVersion !== 'V4_9_7';
  if (given.timerRollWindowSlot === undefined && given.timerMaxDelaySec === undefined) {
    config.timerRollWindowSlot = fittingRollWindow(config);
  }
  const problem = rollWindowProblem(config);
  if (problem !== undefined) throw new RocketMQError('CONFIG_INVALID', `broker configuration: ${problem}`);
  if (config.brokerVersion === 'V4_9_7') config.transactionCheckInterval = given.transactionCheckInterval ?? 60_000;
  checkNames(config);
  // Whether they can be an address.
  addressServerUrl({ domain: config.rmqAddressServerDomain, subgroup: config.rmqAddressServerSubGroup });
  return config;
}

/** What others are told when only the address to bind is known: the wildcard cannot be dialled. */
function advertisedAddress(bindAddress: string): string {
  if (bindAddress !== '0.0.0.0' && bindAddress !== '::') return bindAddress;
  const external = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => address.family === 'IPv4' && !address.internal);
  return external?.address ?? '127.0.0.1';
}

/** Broker and cluster give topics their names; the address goes into every message. */
function checkNames({ brokerName, brokerClusterName, brokerIP1 }: BrokerConfig): void {
  for (const [key, name] of Object.entries({ brokerName, brokerClusterName })) {
    // Host names have dots, and `room@name` says in which machine room a broker is.
    const problem = topicNameProblem(name.replaceAll(/[.@]/g, '_'));
    if (problem === undefined) continue;
    throw new RocketMQError('CONFIG_INVALID', `broker configuration: ${key}=${JSON.stringify(name)}: ${problem}`);
  }
  if (isIP(brokerIP1) !== 0) return;
  const shown = JSON.stringify(brokerIP1);
  throw new RocketMQError('CONFIG_INVALID', `broker configuration: brokerIP1 must be an IP address, not ${shown}`);
}
