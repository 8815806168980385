import { lockedQueuesBody, lockQueuesBody, unlockQueuesBody } from '../bodies/index.js';
import { request, type Row } from '../declaration.js';

export const lockBatchMq = request('LOCK_BATCH_MQ', {
  code: 41,
  server: 'broker',
  note: 'A member of an orderly group asks for queues; those it holds now are in the reply, for 60 s.',
  requestBody: lockQueuesBody,
  replyBody: lockedQueuesBody,
  access: [{ resource: 'group', action: 'SUB' }],
});

export const unlockBatchMq = request('UNLOCK_BATCH_MQ', {
  code: 42,
  server: 'broker',
  note: 'A member of an orderly group gives queues back; mostly one-way.',
  requestBody: unlockQueuesBody,
  access: [{ resource: 'group', action: 'SUB' }],
});

export const queueLockRequests: readonly Row[] = [lockBatchMq, unlockBatchMq];
