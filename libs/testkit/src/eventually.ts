import { nextTurn } from '../../common/src/index.js';
/**
 * Resolves once `condition` holds, looking again after each turn of the event loop: for what happens by itself soon, with
 * no event to wait for. The test's own timeout is the limit.
 */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}
