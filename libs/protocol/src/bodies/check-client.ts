import { jsonBean, jsonText, optional } from '../fastjson/index.js';
import { subscriptionDataShape } from './heartbeat.js';
import { jsonBody } from './json-body.js';

export const checkClientRequestBody = jsonBody(
  'CheckClientRequestBody',
  jsonBean({
    clientId: optional(jsonText),
    group: optional(jsonText),
    /** Since 5.0. */
    namespace: optional(jsonText),
    subscriptionData: optional(subscriptionDataShape),
  }),
);
