declare module 'fs-native-extensions' {
  /** False when another open file description or process holds the range. */
  export function tryLock(fd: number, offset: number, length: number): boolean;
}
