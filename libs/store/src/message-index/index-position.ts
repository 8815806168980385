/** Up to where the index is surely on the disk: what the checkpoint keeps of it. */
export interface IndexPosition {
  /** Keys of every record before this offset of the log are in the files. */
  readonly offset: number;
  readonly fileCount: number;
  /** Names of the first and the last file, '' without any. */
  readonly firstFile: string;
  readonly lastFile: string;
  /** Place of the next item in the last file. */
  readonly next: number;
}

export interface IndexState {
  /** Undefined when nothing is known, as after Java's work with the index switched off. */
  readonly position: IndexPosition | undefined;
  /** Store time of the last record in a full file, 0 without any: word 16 of the checkpoint. */
  readonly fullTimestamp: number;
}
