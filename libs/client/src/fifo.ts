/** First in, first out, without shifting: items are added to one array and taken from another, turned over at need. */
export class Fifo<T> {
  #in: T[] = [];
  #out: T[] = [];

  get size(): number {
    return this.#in.length + this.#out.length;
  }

  push(item: T): void {
    this.#in.push(item);
  }

  /** The next item, left in place. */
  peek(): T | undefined {
    this.#turn();
    return this.#out.at(-1);
  }

  shift(): T | undefined {
    this.#turn();
    return this.#out.pop();
  }

  clear(): void {
    this.#in = [];
    this.#out = [];
  }

  #turn(): void {
    if (this.#out.length > 0 || this.#in.length === 0) return;
    [this.#in, this.#out] = [this.#out, this.#in.reverse()];
  }
}
