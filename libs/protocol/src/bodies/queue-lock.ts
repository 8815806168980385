import { jsonBean, jsonBool, jsonList, jsonText, optional, type ShapeType } from '../fastjson/index.js';
import { jsonBody } from './json-body.js';
import { messageQueueShape } from './message-queue.js';

/** Queues that a member of an orderly group wants to hold, or gives back. */
export const queueLockShape = jsonBean({
  clientId: jsonText,
  consumerGroup: jsonText,
  mqSet: jsonList(messageQueueShape),
  /** Since 5.0: false asks a broker of a replica group to lock on its peers too. */
  onlyThisBroker: optional(jsonBool),
});

export type QueueLock = ShapeType<typeof queueLockShape>;

export const lockQueuesBody = jsonBody('LockBatchRequestBody', queueLockShape);
export const unlockQueuesBody = jsonBody('UnlockBatchRequestBody', queueLockShape);

/** Those of the queues asked for that the member holds now. */
export const lockedQueuesShape = jsonBean({ lockOKMQSet: jsonList(messageQueueShape) });

export type LockedQueues = ShapeType<typeof lockedQueuesShape>;

export const lockedQueuesBody = jsonBody('LockBatchResponseBody', lockedQueuesShape);
