import { ConfigurableModuleBuilder, type DynamicModule, Module } from '@nestjs/common';
import { RocketMQCoreModule } from '../rocketmq-core-module.js';
import { RocketMQTracing, tracingOptionsToken } from './rocketmq-tracing.js';
import type { RocketMQTracingOptions } from './tracing-options.js';

/** Static methods, option token and types that Nest derives for a module with options. */
export const tracingModuleHost = new ConfigurableModuleBuilder<RocketMQTracingOptions>({
  moduleName: 'RocketMQTracing',
  optionsInjectionToken: tracingOptionsToken,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createRocketMQTracingOptions')
  .build();

/**
 * Spans of OpenTelemetry around all sends and listeners. `@opentelemetry/api` has to be installed, and an SDK set up by the
 * application; without one, nothing is recorded.
 *
 * @example
 * ```ts
 * \@Module({ imports: [RocketMQModule.forRoot({ nameServer }), RocketMQTracingModule.forRoot()] })
 * export class AppModule {}
 * ```
 */
@Module({ imports: [RocketMQCoreModule], providers: [RocketMQTracing] })
export class RocketMQTracingModule extends tracingModuleHost.ConfigurableModuleClass {
  /** Without options: what is registered with @opentelemetry/api. */
  static override forRoot(options: typeof tracingModuleHost.OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }
}
