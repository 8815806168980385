import type { RemotingClient } from '../../remoting/src/index.js';

/** What a request has beside its header: which namespace of 5.x it is about. */
export function namespaceFields(namespace: string): Readonly<Record<string, string>> {
  return { nsd: 'true', ns: namespace };
}

/** The same client, whose requests say which namespace (of 5.x) they are about. */
export function inNamespace(remoting: RemotingClient, namespace: string): RemotingClient {
  const extra = namespaceFields(namespace);
  return {
    call: (address, declaration, header, options) =>
      remoting.call(address, declaration, header, { ...options, extra: { ...options?.extra, ...extra } }),
    request: (address, declaration, header, options, receiver) =>
      remoting.request(address, declaration, header, { ...options, extra: { ...options.extra, ...extra } }, receiver),
    oneWay: (address, declaration, header, options) =>
      remoting.oneWay(address, declaration, header, { ...options, extra: { ...options?.extra, ...extra } }),
    connection: (address) => remoting.connection(address),
    addresses: () => remoting.addresses(),
    disconnect: (address) => remoting.disconnect(address),
    close: () => remoting.close(),
  };
}
