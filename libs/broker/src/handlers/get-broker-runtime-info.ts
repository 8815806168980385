import { getBrokerRuntimeInfo as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import { runtimeTable, type RuntimeParts } from '../stats/runtime-table.js';

export const getBrokerRuntimeInfo = (parts: RuntimeParts) =>
  handle(declaration, [], () => ok({}, { body: { table: runtimeTable(parts) } }));
