// A message and a change of yours, both or neither.
import assert from 'node:assert/strict';
import { play } from './playground.js';

await play(
  async ({ client, topic, consume }) => {
    const orders = await topic('orders');
    const database = new Set<string>();
    const producer = client.createProducer({
      producerGroup: 'shop',
      // For a broker that was not told how it ended: it may ask any producer of the group, also after a restart.
      checkLocalTransaction: async (message) => {
        const order = message.body.toString();
        console.log(`asked about ${order}`);
        return database.has(order) ? 'COMMIT' : 'ROLLBACK';
      },
    });
    await producer.start();

    const saved = await producer.sendMessageInTransaction({ topic: orders, body: 'saved' }, async () => {
      database.add('saved');
      return 'COMMIT';
    });
    const refused = await producer.sendMessageInTransaction({ topic: orders, body: 'refused' }, async () => 'ROLLBACK');
    const crashed = await producer.sendMessageInTransaction({ topic: orders, body: 'crashed' }, async () => {
      database.add('crashed');
      throw new Error('the connection was lost behind the commit');
    });
    console.log([saved, refused, crashed].map(({ localTransactionState }) => localTransactionState).join(', '));
    assert.match(String(crashed.localError), /connection was lost/);

    const inbox = await consume(orders, 'billing');
    await inbox.until(2);
    console.log('delivered:', inbox.texts.toSorted().join(', '));
    assert.deepEqual(inbox.texts.toSorted(), ['crashed', 'saved']);
  },
  { transactionTimeOut: 500, transactionCheckInterval: 500 },
);
