import {
  dlqTopicPrefix,
  isDlqTopic,
  isRetryTopic,
  isSystemTopic,
  retryTopicPrefix,
  systemGroupPrefix,
} from '../../protocol/src/message/index.js';
import type { MessageQueue } from './contract/index.js';

const separator = '%';

/**
 * A namespace of the first kind: topics and groups of a client are called `namespace%name` at the brokers, their retry and
 * dead-letter topics `%RETRY%namespace%group`. Names of the system belong to none.
 */
export class Namespace {
  readonly #prefix: string;

  /** @param name "" for none: every name stays as it is */
  constructor(readonly name: string) {
    this.#prefix = name + separator;
  }

  /** The name brokers know. One that is in the namespace already stays as it is. */
  wrap(resource: string): string {
    if (this.name === '' || resource === '' || isSystem(resource)) return resource;
    const [kind, bare] = split(resource);
    return bare.startsWith(this.#prefix) ? resource : kind + this.#prefix + bare;
  }

  /** The name the application knows. */
  unwrap(resource: string): string {
    if (this.name === '') return resource;
    const [kind, bare] = split(resource);
    return bare.startsWith(this.#prefix) ? kind + bare.slice(this.#prefix.length) : resource;
  }

  wrapQueue(queue: MessageQueue): MessageQueue {
    return this.name === '' ? queue : { ...queue, topic: this.wrap(queue.topic) };
  }

  unwrapQueue(queue: MessageQueue): MessageQueue {
    return this.name === '' ? queue : { ...queue, topic: this.unwrap(queue.topic) };
  }
}

function split(resource: string): [kind: string, bare: string] {
  if (isRetryTopic(resource)) return [retryTopicPrefix, resource.slice(retryTopicPrefix.length)];
  if (isDlqTopic(resource)) return [dlqTopicPrefix, resource.slice(dlqTopicPrefix.length)];
  return ['', resource];
}

function isSystem(resource: string): boolean {
  return isSystemTopic(resource) || resource.startsWith(systemGroupPrefix);
}
