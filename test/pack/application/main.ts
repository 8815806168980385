import 'reflect-metadata';
import { tryConnections } from './connections.js';
import { tryFailures } from './failures.js';
import { tryHealth } from './health.js';
import { tryHosting } from './hosting.js';
import { tryListeners } from './listeners.js';
import { tryMetrics } from './metrics.js';
import { tryReplies } from './replies.js';
import { tryTemplate } from './template.js';
import { tryTestingEntry } from './testing.js';
import { tryTracing } from './tracing.js';
import { tryTransactions } from './transactions.js';
import { tryTransport } from './transport.js';
import { tryAll } from './report.js';

void tryAll({
  hosting: tryHosting,
  connections: tryConnections,
  template: tryTemplate,
  listeners: tryListeners,
  failures: tryFailures,
  replies: tryReplies,
  transactions: tryTransactions,
  transport: tryTransport,
  health: tryHealth,
  metrics: tryMetrics,
  tracing: tryTracing,
  testing: tryTestingEntry,
});
