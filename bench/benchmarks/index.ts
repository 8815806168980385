import type { Benchmark } from '../runner/benchmark.js';
import { allocate } from './allocate.js';
import { batchSend } from './batch.js';
import { delay } from './delay.js';
import { fairness } from './fairness.js';
import { fanout } from './fanout.js';
import { listener } from './listener.js';
import { memory } from './memory.js';
import { mixed } from './mixed.js';
import { pull } from './pull.js';
import { pullApache } from './pull-apache.js';
import { queues } from './queues.js';
import { send } from './send.js';
import { sendApache } from './send-apache.js';
import { sendSync } from './send-sync.js';
import { smoke } from './smoke.js';
import { start } from './start.js';
import { store } from './store.js';
import { storeQueues } from './store-queues.js';
import { storeReads } from './store-reads.js';
import { storeRecovery } from './store-recovery.js';
import { template } from './template.js';

/** In the order in which they are listed. */
export const benchmarks: readonly Benchmark[] = [
  send,
  sendSync,
  smoke,
  pull,
  batchSend,
  sendApache,
  pullApache,
  mixed,
  fanout,
  delay,
  template,
  listener,
  start,
  queues,
  memory,
  fairness,
  store,
  storeQueues,
  storeReads,
  storeRecovery,
  allocate,
];
