import { configTable, unsupportedUnlessDefault, withoutEffect } from '../../common/src/index.js';

const threads = 'sockets are served by one event loop, there are no thread pools to size';
const buffers =
  "the operating system's socket buffers are used as they are; what waits for a slow peer is bounded here";
const allocator = 'it chooses among parts of Netty, which is not used';
const limits = 'the calls under way on a connection are bounded at 65,535';
const plainOnly = 'connections are plain TCP: TLS is not served';

/** Keys of Apache's NettyServerConfig that change nothing in any server here, with Apache's defaults. */
export const serverConfigWithoutEffect = configTable({
  ...withoutEffect(threads, { serverWorkerThreads: 8, serverCallbackExecutorThreads: 0, serverSelectorThreads: 3 }),
  ...withoutEffect(limits, { serverOnewaySemaphoreValue: 256, serverAsyncSemaphoreValue: 64 }),
  ...withoutEffect(buffers, {
    serverSocketSndBufSize: 0,
    serverSocketRcvBufSize: 0,
    writeBufferHighWaterMark: 0,
    writeBufferLowWaterMark: 0,
    serverSocketBacklog: 1024,
  }),
  ...withoutEffect(allocator, {
    serverPooledByteBufAllocatorEnable: true,
    serverNettyWorkerGroupEnable: true,
    useEpollNativeSelector: false,
  }),
  ...withoutEffect('a stop answers what is under way and then closes the connections, without telling clients before', {
    enableShutdownGracefully: false,
    shutdownWaitTimeSeconds: 30,
  }),
});

/** Keys of Apache's NettyClientConfig, which its servers take for the calls that they make. */
export const clientConfigWithoutEffect = configTable({
  ...withoutEffect(threads, {
    clientWorkerThreads: 4,
    clientCallbackExecutorThreads: 4,
    disableCallbackExecutor: false,
    disableNettyWorkerGroup: false,
  }),
  ...withoutEffect(limits, { clientOnewaySemaphoreValue: 65535, clientAsyncSemaphoreValue: 65535 }),
  ...withoutEffect(buffers, { clientSocketSndBufSize: 0, clientSocketRcvBufSize: 0 }),
  ...withoutEffect(allocator, { clientPooledByteBufAllocatorEnable: false }),
  ...withoutEffect('a connection is made within 3 s or the call fails', { connectTimeoutMillis: 3000 }),
  ...withoutEffect('connections without a frame for 120 s are closed', {
    clientChannelMaxIdleTimeSeconds: 120,
    channelNotActiveInterval: 60_000,
  }),
  ...withoutEffect('a broker registers with every name server, whichever answered last', {
    scanAvailableNameSrv: true,
    isScanAvailableNameSrv: true,
  }),
  ...withoutEffect('a call that ends without an answer fails; the connection stays if it is alive', {
    clientCloseSocketIfTimeout: true,
    enableReconnectForGoAway: true,
    maxReconnectIntervalTimeSeconds: 60,
  }),
  ...unsupportedUnlessDefault(plainOnly, { useTLS: false }),
  ...unsupportedUnlessDefault('connections are made directly, not through a proxy', { socksProxyConfig: '{}' }),
});

/** Java system properties and their files that ask for TLS. Ignoring them would send in plain what should be secret. */
export const tlsConfigUnsupported = configTable({
  ...unsupportedUnlessDefault(plainOnly, {
    'tls.enable': false,
    'tls.server.mode': 'disabled',
    'tls.server.need.client.auth': 'none',
    'tls.server.authClient': false,
    'tls.client.authServer': false,
    'tls.server.keyPath': '',
    'tls.server.certPath': '',
    'tls.server.trustCertPath': '',
    'tls.client.keyPath': '',
    'tls.client.certPath': '',
    'tls.client.trustCertPath': '',
    'tls.config.file': '',
  }),
  ...withoutEffect(plainOnly, { 'tls.test.mode.enable': true }),
  'tls.server.keyPassword': { kind: 'string', default: '', secret: true, unsupported: plainOnly, note: plainOnly },
  'tls.client.keyPassword': { kind: 'string', default: '', secret: true, unsupported: plainOnly, note: plainOnly },
});

const systemProperty = 'it is a property of the Java virtual machine, not a key of the configuration';

/** What Apache takes from `-D` options; written into a file, Apache ignores them too. */
export const systemPropertiesWithoutEffect = configTable({
  ...withoutEffect(`${systemProperty}; name servers are set by namesrvAddr`, { 'rocketmq.namesrv.addr': '' }),
  ...withoutEffect(`${systemProperty}; the wire form of each request is its sender's choice`, {
    'rocketmq.serialize.type': '',
  }),
  ...withoutEffect(systemProperty, {
    'rocketmq.home.dir': '',
    'rocketmq.namesrv.domain': '',
    'rocketmq.namesrv.domain.subgroup': '',
    'com.rocketmq.remoting.nettyPooledByteBufAllocatorEnable': '',
    'com.rocketmq.remoting.clientAsyncSemaphoreValue': '',
    'com.rocketmq.remoting.clientOnewaySemaphoreValue': '',
    'com.rocketmq.remoting.socket.sndbuf.size': '',
    'com.rocketmq.remoting.socket.rcvbuf.size': '',
    'com.rocketmq.remoting.socket.backlog': '',
    'com.rocketmq.remoting.client.worker.size': '',
    'com.rocketmq.remoting.client.connect.timeout': '',
    'com.rocketmq.remoting.client.channel.maxIdleTimeSeconds': '',
    'com.rocketmq.remoting.client.closeSocketIfTimeout': '',
    'com.rocketmq.remoting.write.buffer.high.water.mark': '',
    'com.rocketmq.remoting.write.buffer.low.water.mark': '',
  }),
  ...withoutEffect(`${systemProperty}; frames are bounded at 16 MiB`, { 'com.rocketmq.remoting.frameMaxLength': '' }),
});
