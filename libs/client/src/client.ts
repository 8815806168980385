import type { ClientConfig, RocketMQClient } from './contract.js';

export declare function createClient(config: ClientConfig): RocketMQClient;
