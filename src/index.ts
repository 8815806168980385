/**
 * The module for Nest: connections, template, listeners, hosted servers, health.
 *
 * @module nestjs-rocketmq
 */
import 'reflect-metadata';

export { RocketMQModule, type RocketMQModuleExtras } from './rocketmq-module.js';
export {
  getRocketMQAdminToken,
  getRocketMQConnectionToken,
  getRocketMQProducerToken,
  getRocketMQTemplateToken,
  InjectRocketMQAdmin,
  InjectRocketMQConnection,
  InjectRocketMQProducer,
  InjectRocketMQTemplate,
} from './injection-tokens.js';
export { type OptionsOrTimeout, RocketMQTemplate, type TransactionSendOptions } from './template/rocketmq-template.js';
export type {
  AnySendOptions,
  CommonSendOptions,
  OneWaySendOptions,
  RequestOptions,
  RocketMQSendOptions,
  SendKind,
  TransactionOptions,
} from './template/send-options.js';
export type { DelayOptions } from './template/delivery-delay.js';
export type { HalfMessage, SendTransaction } from './template/local-transaction.js';
export { BatchItem, type BatchItemOptions } from './template/batch-item.js';
export { OneMessage } from './template/one-message.js';
export { RocketMQReplyError } from './template/reply-error.js';
export { RocketMQSendError } from './template/send-error.js';
export {
  RocketMQSendInterceptor,
  type SendCall,
  type SendInterceptor,
  type SendInterceptorOptions,
  type SendNext,
} from './template/send-interceptor.js';
export { ObservableTemplate } from './template/observable-template.js';
export { RocketMQDelivery } from './template/delivery.js';
export { ReceiveOptions } from './template/receive-options.js';
export { contentTypeProperty, type DecodeContext, type EncodeContext, type RocketMQCodec } from './codec/codec.js';
export type { CodecChoice } from './codec/codecs.js';
export type { DefaultOptionsObject, OptionsOrFunctions } from './options/option-functions.js';
export {
  type DecoratorOptions,
  RocketMQDlqListener,
  RocketMQMessageListener,
  RocketMQReplyListener,
} from './listener/rocketmq-message-listener.js';
export {
  RocketMQTransactionListener,
  RocketMQTransactionListenerOptions,
  type TransactionState,
} from './listener/rocketmq-transaction-listener.js';
export type { RocketMQListener, RocketMQReplyHandler } from './listener/rocketmq-listener.js';
export {
  ConsumingOptions,
  GroupOptions,
  HandlerOptions,
  ListenerDefaults,
  type PayloadType,
  type SelectorType,
  RocketMQDlqListenerOptions,
  RocketMQListenerOptions,
} from './listener/listener-options.js';
export {
  type Pipe,
  RocketMQCtx,
  RocketMQHeaders,
  RocketMQMessage,
  RocketMQPayload,
} from './listener/handler-parameters.js';
export { ack, MessageOutcome, retryAfter, type RocketMQOutcome, toDlq } from './listener/outcome.js';
export type { ErrorClass, ErrorRule } from './listener/error-policy.js';
export type { IdempotencyOptions, IdempotencyStore } from './listener/idempotency.js';
export { MemoryIdempotencyStore } from './listener/memory-idempotency-store.js';
export { FileIdempotencyStore } from './listener/file-idempotency-store.js';
export type { ListenerFigures } from './listener/message-delivery.js';
export type { GroupState } from './listener/listener-group.js';
export {
  getRocketMQContext,
  isRocketMQContext,
  type RefusedBy,
  RocketMQContext,
  rocketMQContextType,
} from './listener/rocketmq-context.js';
export { type ConsumerGroupState, type ListenerState, RocketMQListeners } from './listener/rocketmq-listeners.js';
export { type ConnectionState, RocketMQConnection } from './connection/rocketmq-connection.js';
export { RocketMQConnections } from './connection/rocketmq-connections.js';
export {
  ConnectionOptions,
  type ConnectFailurePolicy,
  EmbeddedOptions,
  ProducerOptions,
  RocketMQModuleOptions,
  TemplateOptions,
} from './options/module-options.js';
export { RequiredTopic, RocketMQFeatureOptions } from './options/feature-options.js';
export { ConsumerOptions } from './options/consumer-options.js';
export { RocketMQOptionsError } from './options/validate.js';
export { NameServerModule } from './hosting/name-server-module.js';
export { BrokerModule } from './hosting/broker-module.js';
export type { BrokerModuleOptions, NameServerModuleOptions } from './hosting/hosting-options.js';
export { MessageFilter } from './hosting/message-filter.js';
export { HostedNameServer } from './hosting/hosted-name-server.js';
export { HostedBroker } from './hosting/hosted-broker.js';
export { EmbeddedCluster } from './hosting/embedded-cluster.js';
export { RocketMQComposition } from './rocketmq-composition.js';
export {
  type ConnectionHealth,
  type GroupHealth,
  type HealthResult,
  type RocketMQHealth,
  RocketMQHealthIndicator,
} from './health/rocketmq-health-indicator.js';
export { HealthCheckOptions } from './health/health-check-options.js';
export type { FilteredMessage, MessageFilterFigures, NamedMessageFilters } from '../libs/broker/src/index.js';
export { type ErrorCode, RocketMQError } from '../libs/common/src/index.js';
export { ResponseError } from '../libs/protocol/src/index.js';
export type {
  AllocateStrategyName,
  ConsumeFromWhere,
  LocalTransactionChecker,
  LocalTransactionState,
  MessageModel,
  MessageQueue,
  OutgoingMessage,
  QueueSelector,
  ReceivedMessage,
  SendCallback,
  SendResult,
  SendStatus,
  TransactionListener,
  TransactionSendResult,
} from '../libs/client/src/index.js';
