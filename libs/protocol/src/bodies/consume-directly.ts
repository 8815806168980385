import { jsonBean, jsonBool, jsonEnum, jsonLong, jsonText, optional, or, type ShapeType } from '../fastjson/index.js';
import { jsonBody } from './json-body.js';

/** What became of a message handed to a consumer directly. Go clients write the ordinal. */
export const directResults = [
  'CR_SUCCESS',
  'CR_LATER',
  'CR_ROLLBACK',
  'CR_COMMIT',
  'CR_THROW_EXCEPTION',
  'CR_RETURN_NULL',
] as const;

export type DirectResult = (typeof directResults)[number];

export const consumeDirectlyShape = jsonBean({
  autoCommit: or(jsonBool, () => true),
  consumeResult: optional(jsonEnum(directResults)),
  order: jsonBool,
  remark: optional(jsonText),
  /** Java's spelling; milliseconds. */
  spentTimeMills: jsonLong,
});

export type ConsumeDirectly = ShapeType<typeof consumeDirectlyShape>;

export const consumeDirectlyBody = jsonBody('ConsumeMessageDirectlyResult', consumeDirectlyShape);
