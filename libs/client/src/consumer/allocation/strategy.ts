import { RocketMQError } from '../../../../common/src/index.js';
import type { AllocateFunction, AllocateStrategy, AllocateStrategyName } from '../../contract/index.js';
import { allocateAveragely, allocateByCircle } from './averagely.js';
import { allocateByConsistentHash } from './consistent-hash.js';

const byName: Readonly<Record<AllocateStrategyName, AllocateFunction>> = {
  AVG: allocateAveragely,
  AVG_BY_CIRCLE: allocateByCircle,
  CONSISTENT_HASH: allocateByConsistentHash(),
};

/** What is wrong with an `allocateMessageQueueStrategy` option, or undefined. */
export function allocateStrategyProblem(value: unknown): string | undefined {
  if (typeof value === 'function' || (typeof value === 'string' && Object.hasOwn(byName, value))) return undefined;
  return `must be one of ${Object.keys(byName).join(', ')}, or a function`;
}

/** @throws RocketMQError ARGUMENT_INVALID when it is neither a name nor a function. */
export function allocateFunctionOf(strategy: AllocateStrategy): AllocateFunction {
  const problem = allocateStrategyProblem(strategy);
  if (problem !== undefined) throw new RocketMQError('ARGUMENT_INVALID', `the allocate strategy ${problem}`);
  return typeof strategy === 'function' ? strategy : byName[strategy];
}
