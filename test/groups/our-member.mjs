// Our client as one member of a consumer group in a process of its own, so that it can be killed. Arguments: the directory
// of the compiled modules, and one JSON text as in java/GroupMember.java, which prints the same lines.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [modules, text] = process.argv.slice(2);
const options = JSON.parse(text);
const clientModule = pathToFileURL(join(modules, 'libs/client/src/index.js')).href;
const { allocateByConfig, allocateByMachineRoom, allocateMachineRoomNearby, createPushConsumer } = await import(
  clientModule
);

/** At once: what a killed process has handled must have been told. */
const print = (...line) => writeSync(1, `${JSON.stringify(line)}\n`);

const rooms = {
  brokerDeployIn: () => 'east',
  consumerDeployIn: (clientId) => (clientId.includes('east') ? 'east' : 'west'),
};

function strategyOf({ strategy, topic, broker, queues }) {
  switch (strategy) {
    case 'MACHINE_ROOM_NEARBY':
      return allocateMachineRoomNearby('AVG', rooms);
    case 'MACHINE_ROOM':
      return allocateByMachineRoom(['east']);
    case 'CONFIG':
      return allocateByConfig(queues.map((queueId) => ({ topic, brokerName: broker, queueId })));
    default:
      return strategy;
  }
}

const consumer = createPushConsumer({
  nameServer: options.nameServer,
  instanceName: options.instanceName,
  consumerGroup: options.group,
  consumeMode: options.mode,
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  concurrency: 4,
  allocateMessageQueueStrategy: strategyOf(options),
  handler: (messages) => {
    for (const { queueId, queueOffset, keys } of messages)
      print('at', Date.now(), queueId, queueOffset, keys.join(' '));
  },
});
consumer.subscribe(options.topic, '*');
await consumer.start();
print('started');

let before = '';
setInterval(() => {
  const held = consumer.assignment.filter(({ topic }) => topic === options.topic).map(({ queueId }) => queueId);
  held.sort((a, b) => a - b);
  if (String(held) !== before) print('queues', held);
  before = String(held);
}, 100);

createInterface({ input: process.stdin }).once('line', () => {
  void consumer
    .drain()
    .then(() => consumer.close())
    .then(() => process.exit(0));
});
