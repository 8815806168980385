import { Inject, type InjectionToken } from '@nestjs/common';
import { defaultConnectionName, RocketMQConnection } from './connection/rocketmq-connection.js';
import { RocketMQTemplate } from './template/rocketmq-template.js';

/** What the connection of this name is injected by: the class RocketMQConnection itself for the one without a name. */
export function getRocketMQConnectionToken(name = defaultConnectionName): InjectionToken<RocketMQConnection> {
  return name === defaultConnectionName ? RocketMQConnection : `RocketMQConnection:${name}`;
}

/** What the template of this connection is injected by: the class RocketMQTemplate itself for the one without a name. */
export function getRocketMQTemplateToken(name = defaultConnectionName): InjectionToken<RocketMQTemplate> {
  return name === defaultConnectionName ? RocketMQTemplate : `RocketMQTemplate:${name}`;
}

/** What the native producer of this connection is injected by. */
export function getRocketMQProducerToken(name = defaultConnectionName): string {
  return `RocketMQProducer:${name}`;
}

/** What the native admin of this connection is injected by. */
export function getRocketMQAdminToken(name = defaultConnectionName): string {
  return `RocketMQAdmin:${name}`;
}

/** Injects the RocketMQTemplate of a connection; without a name the same as asking for the class. */
export const InjectRocketMQTemplate = (name?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getRocketMQTemplateToken(name));

/** Injects the RocketMQConnection of this name; without one the same as asking for the class. */
export const InjectRocketMQConnection = (name?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getRocketMQConnectionToken(name));

/**
 * Injects the native producer of a connection: `Producer` of nestjs-rocketmq/client. It can be used from onModuleInit on, and
 * ends with the application.
 */
export const InjectRocketMQProducer = (name?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getRocketMQProducerToken(name));

/** Injects the administrative calls of a connection's client: `Admin` of nestjs-rocketmq/client. From onModuleInit on. */
export const InjectRocketMQAdmin = (name?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getRocketMQAdminToken(name));
