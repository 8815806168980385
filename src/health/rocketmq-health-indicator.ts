import { Injectable } from '@nestjs/common';
import { messageOf } from '../../libs/common/src/index.js';
import { RocketMQConnection } from '../connection/rocketmq-connection.js';
import { RocketMQListeners } from '../listener/rocketmq-listeners.js';
import { RocketMQComposition } from '../rocketmq-composition.js';

/** The shape that @nestjs/terminus takes from an indicator. */
export type HealthResult<Key extends string = string> = Record<
  Key,
  { status: 'up' | 'down'; [detail: string]: unknown }
>;

/** A topic every cluster has: asking for its route proves that a name server answers. */
const askedTopic = 'TBW102';

/** Says whether the cluster can be reached and the hosted brokers are well. Works with and without @nestjs/terminus. */
@Injectable()
export class RocketMQHealthIndicator {
  constructor(
    private readonly connection: RocketMQConnection,
    private readonly listeners: RocketMQListeners,
    private readonly composition: RocketMQComposition,
  ) {}

  /** Asks a name server; never rejects. */
  async check<Key extends string = 'rocketmq'>(key: Key = 'rocketmq' as Key): Promise<HealthResult<Key>> {
    const reason = await this.#whatIsWrong();
    const details = {
      nameServers: this.connection.nameServers,
      connection: this.connection.state,
      listeners: this.listeners.states,
    };
    const result = reason === undefined ? { status: 'up', ...details } : { status: 'down', reason, ...details };
    return { [key]: result } as unknown as HealthResult<Key>;
  }

  async #whatIsWrong(): Promise<string | undefined> {
    for (const broker of this.composition.brokers) {
      if (broker.unavailable !== undefined) return `hosted broker: ${broker.unavailable}`;
    }
    const options = this.connection.options;
    if (!options || options.enabled === false) return undefined;
    const { client } = this.connection;
    if (!client) return options.onConnectFailure === 'lazy' ? undefined : `not connected (${this.connection.state})`;
    try {
      await client.admin.topicExists(askedTopic);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }
}
