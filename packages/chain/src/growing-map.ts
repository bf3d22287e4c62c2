interface Entry<V> {
  readonly place: number;
  readonly value: V;
}

/**
 * An immutable map to which a new one is made with more keys, and none other: in the time of the new keys, since both
 * share the entries and each looks no further than its own. Only a second successor of the same map costs a copy.
 */
export class GrowingMap<V> {
  readonly size: number;
  /** In order of their places; this map's are those below its size. */
  readonly #shared: Map<string, Entry<V>>;

  private constructor(shared: Map<string, Entry<V>>, size: number) {
    this.#shared = shared;
    this.size = size;
  }

  /** A map of these. Throws RangeError for a key that is there twice. */
  static of<V>(entries: Iterable<readonly [string, V]>): GrowingMap<V> {
    return new GrowingMap<V>(new Map(), 0).with(entries);
  }

  get(key: string): V | undefined {
    const entry = this.#shared.get(key);
    return entry !== undefined && entry.place < this.size ? entry.value : undefined;
  }

  has(key: string): boolean {
    const entry = this.#shared.get(key);
    return entry !== undefined && entry.place < this.size;
  }

  /** In the order in which they were added. */
  *entries(): Generator<readonly [string, V]> {
    for (const [key, { place, value }] of this.#shared) {
      if (place >= this.size) return;
      yield [key, value];
    }
  }

  /** This map and these. Throws RangeError for a key that is there. */
  with(added: Iterable<readonly [string, V]>): GrowingMap<V> {
    const shared = this.#shared.size === this.size ? this.#shared : new Map(this.#own());
    let size = this.size;
    for (const [key, value] of added) {
      if (shared.has(key)) throw new RangeError('a key that is there already');
      shared.set(key, { place: size++, value });
    }
    return new GrowingMap(shared, size);
  }

  *#own(): Generator<readonly [string, Entry<V>]> {
    for (const [key, entry] of this.#shared) {
      if (entry.place >= this.size) return;
      yield [key, entry];
    }
  }
}

/** What is added to a {@link GrowingMap}, not yet for good: the map stays as it was if this is dropped. */
export class Growth<V> {
  readonly #base: GrowingMap<V>;
  readonly #added = new Map<string, V>();

  constructor(base: GrowingMap<V>) {
    this.#base = base;
  }

  get(key: string): V | undefined {
    return this.#added.get(key) ?? this.#base.get(key);
  }

  has(key: string): boolean {
    return this.#added.has(key) || this.#base.has(key);
  }

  /** Throws RangeError for a key that is there. */
  add(key: string, value: V): void {
    if (this.has(key)) throw new RangeError('a key that is there already');
    this.#added.set(key, value);
  }

  /** The base and what was added. */
  done(): GrowingMap<V> {
    return this.#base.with(this.#added);
  }
}
