/** A queue that is also read by position; every step takes the same time however long it is. */
export class Ring<T> {
  /** As long as a power of two. */
  #slots: (T | undefined)[] = [];
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The item `index` places behind the first; undefined where there is none. */
  at(index: number): T | undefined {
    return index < this.#length ? this.#slots[(this.#first + index) & (this.#slots.length - 1)] : undefined;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#resize(Math.max(8, 2 * this.#length));
    this.#slots[(this.#first + this.#length) & (this.#slots.length - 1)] = item;
    this.#length++;
  }

  /** Takes the first item off. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#first];
    this.#slots[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#slots.length - 1);
    this.#length--;
    return item;
  }

  /** Leaves only what `keeps` says yes to, in its order, and no more room than that needs. */
  retain(keeps: (item: T, index: number) => boolean): void {
    const kept: T[] = [];
    for (let index = 0; index < this.#length; index++) {
      const item = this.#slots[(this.#first + index) & (this.#slots.length - 1)] as T;
      if (keeps(item, index)) kept.push(item);
    }
    this.#slots = [];
    this.#first = 0;
    this.#length = 0;
    for (const item of kept) this.push(item);
  }

  /** Empties it; room beyond 256 items is given back. */
  clear(): void {
    while (this.#length > 0) this.shift();
    if (this.#slots.length > 256) this.#slots = [];
    this.#first = 0;
  }

  #resize(slots: number): void {
    const items = Array.from<T | undefined>({ length: slots });
    for (let index = 0; index < this.#length; index++) items[index] = this.at(index);
    this.#slots = items;
    this.#first = 0;
  }
}
