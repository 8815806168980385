import { RocketMQError } from '../../libs/common/src/index.js';

export interface Destination {
  readonly topic: string;
  readonly tags: string | undefined;
}

/**
 * Reads 'topic' or 'topic:tag'; the first colon divides.
 *
 * @throws RocketMQError ARGUMENT_INVALID when the topic, or the tag after a colon, is empty.
 */
export function parseDestination(destination: string): Destination {
  if (typeof destination !== 'string') {
    throw new RocketMQError(
      'ARGUMENT_INVALID',
      `destination must be 'topic' or 'topic:tag'; it is a ${typeof destination}`,
    );
  }
  const colon = destination.indexOf(':');
  const topic = colon < 0 ? destination : destination.slice(0, colon);
  const tags = colon < 0 ? undefined : destination.slice(colon + 1);
  if (topic.trim() === '' || tags?.trim() === '') {
    throw new RocketMQError('ARGUMENT_INVALID', `destination must be 'topic' or 'topic:tag'; it is '${destination}'`);
  }
  return { topic, tags };
}
