import { ConfigurableModuleBuilder, type DynamicModule, Module } from '@nestjs/common';
import { RocketMQCoreModule } from '../rocketmq-core-module.js';
import type { RocketMQMetricsOptions } from './metrics-options.js';
import { metricsOptionsToken, RocketMQMetrics } from './rocketmq-metrics.js';

/** Static methods, option token and types that Nest derives for a module with options. */
export const metricsModuleHost = new ConfigurableModuleBuilder<RocketMQMetricsOptions>({
  moduleName: 'RocketMQMetrics',
  optionsInjectionToken: metricsOptionsToken,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createRocketMQMetricsOptions')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }): DynamicModule => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Metrics of all sends and listeners in a registry of prom-client, which has to be installed.
 *
 * @example
 * ```ts
 * \@Module({ imports: [RocketMQModule.forRoot({ nameServer }), RocketMQMetricsModule.forRoot()] })
 * export class AppModule {}
 * ```
 */
@Module({ imports: [RocketMQCoreModule], providers: [RocketMQMetrics], exports: [RocketMQMetrics] })
export class RocketMQMetricsModule extends metricsModuleHost.ConfigurableModuleClass {
  /** Without options: prom-client's global registry. */
  static override forRoot(options: typeof metricsModuleHost.OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }
}
