/** Whether to wait for `value`. `instanceof Promise` would miss promises of another realm, such as a test runner's. */
export function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
