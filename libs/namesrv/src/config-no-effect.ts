import { configTable, unsupportedUnlessDefault, withoutEffect } from '../../common/src/index.js';
import {
  clientConfigWithoutEffect,
  serverConfigWithoutEffect,
  systemPropertiesWithoutEffect,
  tlsConfigUnsupported,
} from '../../remoting/src/index.js';

const threads = 'requests are served by one event loop, there are no thread pools to size';
const noController = 'there is no controller; enableControllerInNamesrv=true is what stops the start';

/** Keys of Apache's NamesrvConfig, and what else its file may hold, that change nothing here. */
export const namesrvConfigWithoutEffect = configTable({
  ...serverConfigWithoutEffect,
  ...clientConfigWithoutEffect,
  ...tlsConfigUnsupported,
  ...systemPropertiesWithoutEffect,
  ...withoutEffect(threads, {
    defaultThreadPoolNums: 16,
    defaultThreadPoolQueueCapacity: 10_000,
    clientRequestThreadPoolNums: 8,
    clientRequestThreadPoolQueueCapacity: 50_000,
    unRegisterBrokerQueueCapacity: 3000,
  }),
  ...withoutEffect('nothing is read from an installation directory', { rocketmqHome: '' }),
  ...withoutEffect('it named an environment for the cluster test, which is not served', { productEnvName: 'center' }),
  ...withoutEffect('routes are answered as soon as the server has started', {
    needWaitForService: false,
    waitSecondsForService: 45,
  }),
  ...withoutEffect('which keys may change while it runs is said in the table of keys', {
    configBlackList: 'configBlackList;configStorePath;kvConfigPath',
  }),
  ...withoutEffect('a topic is deleted by requests 215 and 216, as in 4.9', {
    deleteTopicWithBrokerRegistration: false,
  }),
  ...unsupportedUnlessDefault('routes of another environment are not asked for', { clusterTest: false }),
  ...unsupportedUnlessDefault('slaves that act as master are not served', {
    supportActingMaster: false,
    notifyMinBrokerIdChanged: false,
  }),
  ...unsupportedUnlessDefault('there is no controller', { enableControllerInNamesrv: false }),
  ...withoutEffect(noController, {
    controllerDLegerGroup: '',
    controllerDLegerPeers: '',
    controllerDLegerSelfId: '',
    controllerRequestThreadPoolQueueCapacity: 50_000,
    controllerStorePath: '',
    controllerThreadPoolNums: 16,
    controllerType: 'DLedger',
    electMasterMaxRetryCount: 3,
    enableElectUncleanMaster: false,
    isProcessReadEvent: false,
    processReadEvent: false,
    mappedFileSize: 1_073_741_824,
    notifyBrokerRoleChanged: true,
    scanInactiveMasterInterval: 5000,
    metricsExporterType: 'DISABLE',
    metricsGrpcExporterHeader: '',
    metricsGrpcExporterTarget: '',
    metricsInDelta: false,
    metricsLabel: '',
    metricsPromExporterHost: '',
    metricsPromExporterPort: 5557,
    metricGrpcExporterIntervalInMills: 60_000,
    metricGrpcExporterTimeOutInMills: 3000,
    metricLoggingExporterIntervalInMills: 10_000,
    jRaftControllerRPCAddr: 'localhost:9770,localhost:9771,localhost:9772',
    jRaftElectionTimeoutMs: 1000,
    jRaftGroupId: 'jRaft-Controller',
    jRaftInitConf: 'localhost:9880,localhost:9881,localhost:9882',
    jRaftScanWaitTimeoutMs: 1000,
    jRaftServerId: 'localhost:9880',
    jRaftSnapshotIntervalSecs: 3600,
  }),
});
