import { toHex } from '@palmkey/envelope';

/** More keys than a device has peers; beyond it the oldest handle is made again. */
const MAX_HANDLES = 256;

/**
 * What a platform makes of public keys, each made once: it costs as much as a use of it. The handle stands for the very
 * bytes of the key and for nothing else.
 */
export class KeyHandles<Handle> {
  readonly #make: (raw: Uint8Array) => Handle;
  /** By key, in hex. */
  readonly #handles = new Map<string, Handle>();

  constructor(make: (raw: Uint8Array) => Handle) {
    this.#make = make;
  }

  /** The handle of these bytes; throws what `make` throws, and keeps nothing then. */
  of(raw: Uint8Array): Handle {
    const name = toHex(raw);
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    const handle = this.#make(raw);
    const oldest = this.#handles.keys().next();
    if (this.#handles.size >= MAX_HANDLES && oldest.done !== true) this.#handles.delete(oldest.value);
    this.#handles.set(name, handle);
    return handle;
  }

  /** Lets go of a handle that turned out to be none. */
  forget(raw: Uint8Array): void {
    this.#handles.delete(toHex(raw));
  }
}
