import { RocketMQError } from '../../../common/src/index.js';
import type { OutgoingMessage, ProducerConfig } from '../contract/index.js';
import { Namespace } from '../namespace.js';
import { MessageEncoder } from './message-encoder.js';
import { readProducerConfig } from './producer-settings.js';

/**
 * What a producer with this configuration finds wrong with a message, or with a batch, before it sends anything: for tests
 * and for those who want to know early. Java has it in Validators.
 *
 * @throws RocketMQError ARGUMENT_INVALID saying what is wrong.
 */
export function checkMessage(message: OutgoingMessage | readonly OutgoingMessage[], config: ProducerConfig = {}): void {
  // Nothing becomes smaller by checking: it is not packed.
  const settings = { ...readProducerConfig(config), compressMsgBodyOverHowmuch: Infinity };
  const encoder = new MessageEncoder({
    settings,
    codecs: noCodecs,
    namespace: new Namespace(''),
    nextId: () => idForm,
  });
  void encoder.encode(message);
}

/** As long as every other. */
const idForm = '0'.repeat(32);
const noCodecs = {
  get(): never {
    throw new RocketMQError('UNSUPPORTED', 'a check packs nothing');
  },
};
