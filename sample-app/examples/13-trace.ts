// Who sent a message, who handled it, how long that took: from the trace topic, and without it from the groups' offsets.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { MessageTrace } from 'nestjs-rocketmq/client';
import { play } from './playground.js';

await play(
  async ({ client, topic, consume }) => {
    const orders = await topic('orders');
    const producer = client.createProducer({ producerGroup: 'shop', enableMsgTrace: true });
    await producer.start();
    const inbox = await consume(orders, 'billing', { enableMsgTrace: true });
    const { msgId } = await producer.send({ topic: orders, body: 'traced', keys: 'order-1' });
    await inbox.until(1);

    let traces: readonly MessageTrace[] = [];
    // Traces are sent together, after five seconds at the latest.
    for (let i = 0; i < 100 && traces.length < 3; i++) {
      await setTimeout(200);
      traces = await client.admin.queryMessageTrace(msgId);
    }
    for (const { kind, group, costTime, success } of traces) {
      console.log(`${kind.padEnd(9)} ${group} ${costTime ?? '-'} ms ${success ?? ''}`);
    }
    assert.deepEqual(traces.map(({ kind }) => kind).toSorted(), ['Pub', 'SubAfter', 'SubBefore']);

    const message = await client.admin.queryMessageByUniqKey(orders, msgId);
    assert.ok(message);
    const tracks = await client.admin.messageTrack(message);
    console.log(tracks.map(({ consumerGroup, trackType }) => `${consumerGroup}: ${trackType}`).join(', '));
    assert.equal(tracks[0]?.consumerGroup, 'billing');
  },
  { traceTopicEnable: true },
);
