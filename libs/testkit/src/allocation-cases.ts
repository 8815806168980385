import { createHash } from 'node:crypto';
import {
  allocateByConfig,
  allocateByMachineRoom,
  allocateMachineRoomNearby,
  type AllocateStrategy,
  type MessageQueue,
} from '../../client/src/index.js';
import { seededRandom } from './seeded-random.js';

/** Names that test/interop/allocation/Allocations.java knows. */
export const allocationStrategies = [
  'AVG',
  'AVG_BY_CIRCLE',
  'CONFIG',
  'MACHINE_ROOM',
  'MACHINE_ROOM_NEARBY',
  'CONSISTENT_HASH',
] as const;
export type AllocationStrategyName = (typeof allocationStrategies)[number];

/** What a group looks like: in no order, as brokers tell it. */
export interface AllocationCase {
  readonly strategy: AllocationStrategyName;
  readonly queues: readonly MessageQueue[];
  readonly members: readonly string[];
  /** Of MACHINE_ROOM. */
  readonly rooms: readonly string[];
  /** Positions in `queues` that CONFIG names. */
  readonly configured: readonly number[];
  /** What MACHINE_ROOM_NEARBY asks for each room. */
  readonly inner: 'AVG' | 'AVG_BY_CIRCLE' | 'CONSISTENT_HASH';
}

/** By member: positions in `queues`, in the order the strategy names them. Members as sorted, those named twice twice. */
export type Allocation = readonly (readonly [member: string, queues: readonly number[]])[];

/** What the committed file holds of a strategy: a digest for each block of cases, and a few cases to read. */
export interface AllocationRecord {
  readonly digests: readonly string[];
  readonly examples: readonly { readonly given: AllocationCase; readonly allocated: Allocation }[];
}

export const casesPerStrategy = 2_000;
const casesPerDigest = 50;
const examplesPerStrategy = 2;

const rooms = ['north', 'south', '房', 'B'];
/** Also names whose parts are blank, or one too many: Java splits them in its own way. */
const oddBrokers = ['plain', '@nameless', 'north@', 'north@a@', 'north@a@b'];
/** Beyond the basic plane, UTF-16 order is not code point order. */
const letters = ['a', 'Z', '10', '2', 'é', '～', '\u{1F600}'];

/** The same cases for the same strategy, always. */
export function allocationCases(strategy: AllocationStrategyName): AllocationCase[] {
  const random = seededRandom(allocationStrategies.indexOf(strategy) + 1);
  const below = (bound: number): number => Math.floor(random() * bound);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const shuffled = <T>(list: readonly T[]): T[] =>
    list
      .map((item) => [random(), item] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, item]) => item);
  const isNearby = strategy === 'MACHINE_ROOM_NEARBY';
  const brokers = (): string[] => {
    const count = 1 + below(4);
    const named = Array.from({ length: count }, () => `${pick(rooms)}@${pick(letters)}${below(12)}`);
    return [...new Set(isNearby || random() < 0.5 ? named : [...named, pick(oddBrokers)])];
  };
  const member = (): string => {
    const place = isNearby ? `${pick(rooms.slice(0, 3))}-` : '';
    return `${place}10.0.0.${below(30)}@${pick(letters)}${below(1000)}`;
  };
  return Array.from({ length: casesPerStrategy }, () => {
    const topic = pick(['T', '%RETRY%group', 'orders']);
    const queues = brokers().flatMap((brokerName) =>
      Array.from({ length: 1 + below(14) }, (_, queueId) => ({ topic, brokerName, queueId })),
    );
    const members = Array.from({ length: 1 + below(12) }, member);
    // A client that connects anew is listed twice for a moment.
    if (random() < 0.05) members.push(pick(members));
    return {
      strategy,
      queues: shuffled(queues),
      members: shuffled(members),
      rooms: rooms.filter(() => random() < 0.5),
      configured: shuffled(queues.map((_, position) => position)).slice(0, below(queues.length + 1)),
      inner: pick(['AVG', 'AVG_BY_CIRCLE', 'CONSISTENT_HASH'] as const),
    };
  });
}

/** The strategy of a case, made with what the case says. */
export function strategyOf({ strategy, queues, rooms: own, configured, inner }: AllocationCase): AllocateStrategy {
  switch (strategy) {
    case 'CONFIG':
      return allocateByConfig(configured.map((position) => queues[position] as MessageQueue));
    case 'MACHINE_ROOM':
      return allocateByMachineRoom(own);
    case 'MACHINE_ROOM_NEARBY':
      return allocateMachineRoomNearby(inner, {
        brokerDeployIn: ({ brokerName }) => brokerName.split('@')[0] as string,
        consumerDeployIn: (clientId) => clientId.split('-')[0] as string,
      });
    default:
      return strategy;
  }
}

/** What goes into the committed file. */
export function allocationRecord(
  cases: readonly AllocationCase[],
  allocations: readonly Allocation[],
): AllocationRecord {
  const digests: string[] = [];
  for (let at = 0; at < cases.length; at += casesPerDigest) digests.push(digestOf(allocations, at));
  const examples = cases.slice(0, examplesPerStrategy).map((given, i) => ({
    given,
    allocated: allocations[i] as Allocation,
  }));
  return { digests, examples };
}

function digestOf(allocations: readonly Allocation[], at: number): string {
  const text = JSON.stringify(allocations.slice(at, at + casesPerDigest));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
