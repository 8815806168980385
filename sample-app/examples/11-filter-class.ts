// A filter that is code: the host of the broker registers it by a name, consumers subscribe to the name.
import assert from 'node:assert/strict';
import type { FilteredMessage } from 'nestjs-rocketmq';
import { createClient } from 'nestjs-rocketmq/client';
import { Inbox, play } from './playground.js';

const primes = new Set([2, 3, 5, 7, 11, 13, 17, 19]);
const messageFilters = {
  'prime-numbers': (message: FilteredMessage) => primes.has(Number(message.properties.get('number'))),
};

await play(
  async ({ client, nameServer, topic }) => {
    const numbers = await topic('numbers', 1);
    const producer = client.createProducer({ producerGroup: 'counters' });
    await producer.start();
    for (let number = 1; number <= 20; number++) {
      await producer.send({ topic: numbers, body: String(number), properties: { number: String(number) } });
    }

    const mathematicians = createClient({ nameServer, instanceName: 'mathematicians' });
    const inbox = new Inbox();
    const consumer = mathematicians.createPushConsumer({
      consumerGroup: 'mathematicians',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      consumeMode: 'ORDERLY',
      handler: (messages) => inbox.add(messages),
    });
    consumer.subscribe(numbers, { filterClass: 'prime-numbers' });
    await consumer.start();
    await inbox.until(primes.size);
    console.log('received:', inbox.texts.join(' '));
    assert.deepEqual(inbox.texts.map(Number), [...primes]);
    await mathematicians.close();
  },
  { messageFilters },
);
