import { jsonBean, jsonInt, jsonText, type ShapeType } from '../fastjson/index.js';

/** Also a key of maps: fastjson writes it as a bare object then. */
export const messageQueueShape = jsonBean({ brokerName: jsonText, queueId: jsonInt, topic: jsonText });

export type MessageQueueKey = ShapeType<typeof messageQueueShape>;
