// Our producer of transactional messages in a process of its own, so that it can be killed. Arguments: the directory of the
// compiled modules, and one JSON text. Lines: ["half", index] once a message is stored and its transaction runs, ["failed",
// index], ["check", index, times], ["idle"] when all are sent; it answers checks until its input ends.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [modules, text] = process.argv.slice(2);
const { nameServer, group, topic, plan, first, count, lanes, pause } = JSON.parse(text);
const { createProducer } = await import(pathToFileURL(join(modules, 'libs/client/src/index.js')).href);

/** At once: what a killed process has seen must have been told. */
const print = (...line) => writeSync(1, `${JSON.stringify(line)}\n`);
const states = { c: 'COMMIT', r: 'ROLLBACK', '-': 'UNKNOWN' };
/** Two letters a message: what its transaction comes to, and what a check is told. */
const outcome = (index, place) => states[plan[index * 2 + place]];

const producer = createProducer({
  nameServer,
  producerGroup: group,
  instanceName: `transactions-${process.pid}`,
  onConnectFailure: 'retry',
  heartbeatBrokerInterval: 500,
  pollNameServerInterval: 1000,
  sendMsgTimeout: 2000,
  retryTimesWhenSendFailed: 0,
  checkLocalTransaction({ keys, properties }) {
    print('check', Number(keys[0]), Number(properties.get('TRANSACTION_CHECK_TIMES')));
    return outcome(Number(keys[0]), 1);
  },
});
await producer.start();
print('started');

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let next = first;
/** The broker is down: one lane finds out when it is back, or all messages would be spent meanwhile. */
let isDown = false;
const lane = async (number) => {
  while (next < count) {
    if (isDown && number > 0) {
      await wait(50);
      continue;
    }
    const index = next++;
    print('sent', index);
    try {
      await producer.sendMessageInTransaction({ topic, body: `message ${index}`, keys: String(index) }, async () => {
        print('half', index);
        return outcome(index, 0);
      });
      isDown = false;
      await wait(pause);
    } catch {
      print('failed', index);
      isDown = true;
      await wait(200);
    }
  }
};
await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
print('idle');

createInterface({ input: process.stdin }).once('close', () => process.exit(0));
