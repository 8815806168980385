import { jsonBean, jsonMap, jsonText, type ShapeType } from '../fastjson/index.js';
import { jsonBody } from './json-body.js';

export const kvTableShape = jsonBean({ table: jsonMap(jsonText, jsonText) });

export type KVTable = ShapeType<typeof kvTableShape>;

export const kvTableBody = jsonBody('KVTable', kvTableShape);
