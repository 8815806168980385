/** Resolves behind all that this turn of the event loop still has to do: others have their turn first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
