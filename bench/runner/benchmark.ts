import type { Option } from 'commander';
import type { Figure } from './figure.js';
import type { Goal } from './goal.js';

/** Whom the command line can put beside ours; a benchmark says which of them it knows. */
export type PeerKind = 'java' | 'ali-ons';

/** One benchmark: a name on the command line. It starts its sides, and measures row after row. */
export interface Benchmark<Flags extends object = object> {
  readonly name: string;
  /** One line, for the list of names. */
  readonly summary: string;
  /** Whom it can run beside ours. */
  readonly peers: readonly PeerKind[];
  /** Command-line options beside the shared ones. */
  readonly options?: readonly Option[];
  readonly defaults?: Partial<Pick<SharedOptions, 'rounds' | 'measure'>>;
  run(bench: Bench, flags: Flags): Promise<void>;
}

/** Options every benchmark takes. */
export interface SharedOptions {
  /** Counted rounds of a row. */
  readonly rounds: number;
  /** Milliseconds measured a round. */
  readonly measure: number;
  /** `auto`: every peer of the benchmark that this machine can run. */
  readonly against: PeerKind | 'none' | 'auto';
  /** Where stores lie: a real disk. */
  readonly workDir: string;
}

/** One side of a comparison: a server, a client, or a way of configuring one. */
export interface Contestant {
  readonly name: string;
  readonly version: string;
  /** What goals call a peer. Absent for ours: goals hold for the first contestant of a row. */
  readonly kind?: PeerKind | (string & {});
}

/** What is measured in turn for each contestant: one sample a round, the first round warms up and is not counted. */
export interface Row<S extends object, C extends Contestant> {
  readonly title: string;
  /** Ours first. */
  readonly contestants: readonly C[];
  /** The columns. */
  readonly figures: readonly Figure<S>[];
  readonly goals?: readonly Goal<S>[];
  /** Rounds before those that count; 1 by default. */
  readonly warmUps?: number;
  /** Instead of --rounds, where one is long. */
  readonly rounds?: number;
  /** Rejects when a reply was wrong or a message is missing: nothing that failed is counted. */
  measure(contestant: C, round: number): Promise<S>;
}

/** What a benchmark does its work with. */
export interface Bench {
  readonly options: SharedOptions;
  /** An empty directory on the disk to measure; removed at the end, also when interrupted. */
  readonly directory: string;
  /** Measures a row and adds it to the report; gives the counted samples by contestant. */
  row<S extends object, C extends Contestant>(row: Row<S, C>): Promise<ReadonlyMap<C, readonly S[]>>;
  /** A row that cannot be measured here, and why. */
  skip(title: string, reason: string): void;
  /** A sentence below the table. */
  note(text: string): void;
  /** Runs at the end, whatever happened; the last one first. */
  afterwards(stop: () => Promise<void> | void): void;
  /** Whether a peer takes part: `required` when the command line names it. */
  wish(peer: PeerKind): 'required' | 'welcome' | 'no';
  progress(line: string): void;
}
