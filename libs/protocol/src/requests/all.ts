import type { AnyDeclaration, Row, Server } from '../declaration.js';
import { accessControlRequests } from './access-control.js';
import { brokerAdminRequests } from './broker-admin.js';
import { clientRequests } from './client.js';
import { controllerRequests } from './controller.js';
import { groupRequests } from './group.js';
import { groupOffsetRequests } from './group-offsets.js';
import { kvRequests } from './kv.js';
import { namesrvAdminRequests } from './namesrv-admin.js';
import { offsetRequests } from './offset.js';
import { popRequests } from './pop.js';
import { pullRequests } from './pull.js';
import { queryRequests } from './query.js';
import { queueLockRequests } from './queue-lock.js';
import { registrationRequests } from './registration.js';
import { replicationRequests } from './replication.js';
import { retryRequests } from './retry.js';
import { routeRequests } from './route.js';
import { sendRequests } from './send.js';
import { topicRequests } from './topic.js';
import { transactionRequests } from './transaction.js';

/** Every request code of Apache 4.9 and 5.3, by code: served, or unsupported with a reason. */
export const allDeclarations: readonly Row[] = [
  ...sendRequests,
  ...pullRequests,
  ...queryRequests,
  ...offsetRequests,
  ...groupOffsetRequests,
  ...queueLockRequests,
  ...retryRequests,
  ...clientRequests,
  ...topicRequests,
  ...groupRequests,
  ...transactionRequests,
  ...popRequests,
  ...brokerAdminRequests,
  ...registrationRequests,
  ...routeRequests,
  ...kvRequests,
  ...namesrvAdminRequests,
  ...replicationRequests,
  ...controllerRequests,
  ...accessControlRequests,
].sort((a, b) => a.code - b.code);

const byCode: ReadonlyMap<number, Row> = new Map(allDeclarations.map((row) => [row.code, row]));

export function declarationOf(code: number): Row | undefined {
  return byCode.get(code);
}

/** What `server` must have a handler for. */
export function declarationsServedBy(server: Server): readonly AnyDeclaration[] {
  return allDeclarations.filter((row): row is AnyDeclaration => row.supported && row.servers.includes(server));
}

/** "PULL_MESSAGE(11)"; unknown codes as they are. */
export function requestName(code: number): string {
  const row = byCode.get(code);
  return row === undefined ? String(code) : `${row.name}(${code})`;
}
