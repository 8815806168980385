import {
  type Broker,
  type BrokerConfig,
  createBroker,
  type MessageFilterFigures,
  type NamedMessageFilters,
} from '../../libs/broker/src/index.js';
import { RocketMQError } from '../../libs/common/src/index.js';
import { nestLogger } from '../nest-logger.js';

/** A broker inside this application. Injectable where BrokerModule is imported. */
export class HostedBroker {
  readonly #config: Partial<BrokerConfig>;
  #filters: NamedMessageFilters;
  #broker: Broker | undefined;

  constructor(config: Partial<BrokerConfig>, filters: NamedMessageFilters = {}) {
    this.#config = config;
    this.#filters = filters;
  }

  /** More filters for consumers to subscribe to. Before the start. */
  filterBy(filters: NamedMessageFilters): void {
    this.#filters = { ...this.#filters, ...filters };
  }

  /** @param nameServer - Used when the configuration names none. */
  /** The application calls it. */
  async start(nameServer?: string): Promise<void> {
    const namesrvAddr = this.#config.namesrvAddr || nameServer;
    this.#broker ??= createBroker(namesrvAddr ? { ...this.#config, namesrvAddr } : this.#config, {
      log: nestLogger('Broker'),
      messageFilters: this.#filters,
    });
    await this.#broker.start();
  }

  /** The application calls it. */
  async close(): Promise<void> {
    await this.#broker?.close();
  }

  /** Known once the application has started. */
  get brokerName(): string {
    return this.#started.brokerName;
  }

  /** 'ip:port' as registered with the name servers; known once the application has started. */
  get address(): string {
    return this.#started.address;
  }

  /** Known once the application has started. */
  get port(): number {
    return this.#started.port;
  }

  /** Undefined while healthy; otherwise what is wrong. */
  get unavailable(): string | undefined {
    return this.#broker ? this.#broker.unavailable : 'not started';
  }

  /** How the filters that consumers subscribe to by name do: messages asked about, failures, and whether one is off. */
  get messageFilters(): ReadonlyMap<string, MessageFilterFigures> {
    return this.#started.messageFilters;
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
