import { parseAddress } from '../../../remoting/src/index.js';

/**
 * The name servers of "a:9876; b:9876;", each once.
 *
 * @throws RocketMQError ARGUMENT_INVALID naming an address that is none.
 */
export function nameServerAddresses(text: string): string[] {
  const addresses = text.split(';').map((address) => address.trim());
  const given = addresses.filter((address) => address !== '');
  for (const address of given) parseAddress(address);
  return [...new Set(given)];
}
