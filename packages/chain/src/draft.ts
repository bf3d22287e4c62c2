import type { AccountId, DeviceId } from '@palmkey/envelope';
import { parseAccountId, toHex } from '@palmkey/envelope';
import { GrowingMap, Growth } from './growing-map.ts';
import { ACCOUNT_ID_BYTES, type LinkHash, type Sibkey } from './link.ts';
import { type ChainDevice, type ChainMark, type ChainPerUserKey, ChainState, type RevokedDevice } from './state.ts';

/** What the last link asks the next one to be. */
export type Owed =
  | { readonly type: 'subkey'; readonly device: Sibkey['body']['device']; readonly added: ChainMark }
  | { readonly type: 'puk'; readonly signer: DeviceId };

/**
 * What a chain says while links are taken, of which some signatures may not have been checked yet: it becomes a state
 * when all are, or is dropped. The state it began with stays as it was.
 */
export class ChainDraft {
  /** Null before the first link. */
  account: AccountId | null;
  seqno: number;
  headTime: number;
  owed: Owed | null = null;
  readonly active: Map<string, ChainDevice>;
  #prev: LinkHash | null;
  #generation: number;
  readonly #revoked: Growth<RevokedDevice>;
  readonly #perUserKeys: Growth<ChainPerUserKey>;
  readonly #used: Growth<true>;
  readonly #hashes: Growth<LinkHash>;

  constructor(from: ChainState | null) {
    const parts = from?.parts;
    this.account = from?.account ?? null;
    this.seqno = from?.head.seqno ?? 0;
    this.headTime = from?.headTime ?? 0;
    this.active = new Map(parts?.active);
    this.#prev = from?.head.hash ?? null;
    this.#generation = parts?.perUserKeys.size ?? 0;
    this.#revoked = new Growth(parts?.revoked ?? GrowingMap.of([]));
    this.#perUserKeys = new Growth(parts?.perUserKeys ?? GrowingMap.of([]));
    this.#used = new Growth(parts?.used ?? GrowingMap.of([]));
    this.#hashes = new Growth(parts?.hashes ?? GrowingMap.of([]));
  }

  /** The last link's hash; null before the first. */
  get prev(): LinkHash | null {
    return this.#prev;
  }

  /** The latest generation of the per-user key, 0 before the first. */
  get generation(): number {
    return this.#generation;
  }

  /** How many active devices are so. */
  count(isSo: (device: ChainDevice) => boolean): number {
    let count = 0;
    for (const device of this.active.values()) if (isSo(device)) count += 1;
    return count;
  }

  /** An active device. */
  find(id: DeviceId): ChainDevice | undefined {
    return this.active.get(toHex(id));
  }

  wasRevoked(id: DeviceId): boolean {
    return this.#revoked.has(toHex(id));
  }

  /** Takes ids and keys for good. False if one of them was there before, or is twice among them. */
  use(...names: readonly Uint8Array[]): boolean {
    for (const name of names.map(toHex)) {
      if (this.#used.has(name)) return false;
      this.#used.add(name, true);
    }
    return true;
  }

  add(device: ChainDevice): void {
    this.active.set(toHex(device.id), device);
  }

  /** Ends an active device, and returns it; null if there is none with this id. */
  revoke(id: DeviceId, revoked: ChainMark): ChainDevice | null {
    const name = toHex(id);
    const device = this.active.get(name);
    if (device === undefined) return null;
    this.active.delete(name);
    this.#revoked.add(name, { ...device, revoked });
    return device;
  }

  addPerUserKey(key: ChainPerUserKey): void {
    this.#perUserKeys.add(String(key.generation), key);
    this.#generation = key.generation;
  }

  /** The link that was just taken becomes the head. */
  advance(hash: LinkHash, ctime: number): void {
    this.seqno += 1;
    this.headTime = ctime;
    this.account ??= parseAccountId(hash.slice(0, ACCOUNT_ID_BYTES));
    this.#prev = hash;
    this.#hashes.add(String(this.seqno), hash);
  }

  /** The state after the last link. Throws RangeError before the first, and while a link is owed. */
  done(): ChainState {
    if (this.account === null || this.#prev === null || this.owed !== null) throw new RangeError('not a whole chain');
    return new ChainState({
      account: this.account,
      head: { seqno: this.seqno, hash: this.#prev },
      headTime: this.headTime,
      active: this.active,
      revoked: this.#revoked.done(),
      perUserKeys: this.#perUserKeys.done(),
      used: this.#used.done(),
      hashes: this.#hashes.done(),
    });
  }
}
