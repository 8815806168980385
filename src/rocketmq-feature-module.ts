import { type DynamicModule, Inject, Module } from '@nestjs/common';
import { type FeatureMark, RocketMQFeatures } from './connection/rocketmq-features.js';
import { RocketMQCoreModule } from './rocketmq-core-module.js';

const markToken = 'RocketMQModule:feature';

/** What `RocketMQModule.forFeature` imports. */
@Module({ imports: [RocketMQCoreModule] })
export class RocketMQFeatureModule {
  static of(options: unknown): DynamicModule {
    const mark: FeatureMark = { options };
    return { module: RocketMQFeatureModule, providers: [{ provide: markToken, useValue: mark }] };
  }

  constructor(@Inject(markToken) mark: FeatureMark, features: RocketMQFeatures) {
    features.add(mark);
  }
}
