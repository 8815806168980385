import { type Broker, type BrokerConfig, createBroker } from '../../libs/broker/src/index.js';
import { RocketMQError } from '../../libs/common/src/index.js';
import { nestLogger } from '../nest-logger.js';

/** A broker inside this application. Injectable where BrokerModule is imported. */
export class HostedBroker {
  readonly #config: Partial<BrokerConfig>;
  #broker: Broker | undefined;

  constructor(config: Partial<BrokerConfig>) {
    this.#config = config;
  }

  /** @param nameServer - Used when the configuration names none. */
  async start(nameServer?: string): Promise<void> {
    const namesrvAddr = this.#config.namesrvAddr || nameServer;
    this.#broker ??= createBroker(namesrvAddr ? { ...this.#config, namesrvAddr } : this.#config, {
      log: nestLogger('Broker'),
    });
    await this.#broker.start();
  }

  async close(): Promise<void> {
    await this.#broker?.close();
  }

  get brokerName(): string {
    return this.#started.brokerName;
  }

  /** 'ip:port' as registered with the name servers; known once the application has started. */
  get address(): string {
    return this.#started.address;
  }

  get port(): number {
    return this.#started.port;
  }

  /** Undefined while healthy; otherwise what is wrong. */
  get unavailable(): string | undefined {
    return this.#broker ? this.#broker.unavailable : 'not started';
  }

  /** Whether a first send makes its topic. */
  get createsTopics(): boolean {
    return this.#config.autoCreateTopicEnable !== false;
  }

  get #started(): Broker {
    if (!this.#broker) throw new RocketMQError('CLOSED', 'HostedBroker: the application has not started');
    return this.#broker;
  }
}
