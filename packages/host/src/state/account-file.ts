/** What this computer keeps of the account that it is in: the chain, the pin, and to which accounts it has agreed. */
import { decodeLinks, encodeLinks, type Head, parseLinkHash } from '@palmkey/chain';
import type { ChainNote, SavedChain } from '@palmkey/core/account';
import {
  type AccountId,
  type DeviceId,
  equal,
  fromBase64Url,
  parseAccountId,
  parseDeviceId,
  toBase64Url,
} from '@palmkey/envelope';
import * as v from 'valibot';
import { isOrigin } from '../origin.ts';
import type { Disk } from './disk.ts';
import { StateError } from './errors.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const version = 2;
/** Consents of which nothing came; the oldest is forgotten first. */
const maxConsents = 8;
/** As many devices have said their names, those among them that are out of the account. */
const maxNames = 512;

const bytes = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]*$/));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const relay = v.pipe(v.string(), v.check(isOrigin));
const place = { account: bytes, relay };
const first = {
  consents: v.pipe(v.array(v.strictObject(place)), v.maxLength(maxConsents)),
  leaving: v.nullable(bytes),
  /** By DeviceId, hexadecimal. */
  names: v.pipe(v.record(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)), v.string()), v.maxEntries(maxNames)),
  isOver: v.boolean(),
  chain: v.nullable(
    v.strictObject({
      ...place,
      links: bytes,
      pin: v.nullable(v.strictObject({ seqno: count, hash: bytes })),
      signed: v.nullable(v.strictObject({ seqno: count, prev: bytes, endsAt: v.nullable(count) })),
    }),
  ),
};
const accountFile = v.variant('v', [
  v.strictObject({ v: v.literal(1), ...first }),
  v.strictObject({
    v: v.literal(version),
    ...first,
    /** `from` as phones dialled it; `isSame`: it is the same relay by its former address. */
    moved: v.nullable(v.strictObject({ n: count, from: relay, isSame: v.boolean() })),
    moving: v.nullable(
      v.strictObject({ n: count, relay, by: bytes, head: v.strictObject({ seqno: count, hash: bytes }) }),
    ),
  }),
]);

/** An account, and the origin of the relay that keeps its chain, as phones dial it. */
export interface AccountPlace {
  readonly account: AccountId;
  readonly relay: string;
}

/** The account that this computer is, or was, in. */
export interface KeptAccount extends AccountPlace, SavedChain {}

/** That the account's relay is another one, or has another address, than this computer began with. */
export interface KeptMove {
  /** The number of the last move that a member has told; 0 where a person set it here. */
  readonly n: number;
  /** The former relay's origin, as phones dialled it. */
  readonly from: string;
  /** It is the same relay: whatever is there is at the new address. */
  readonly isSame: boolean;
}

/** A move that a member has told, and that is still to be followed. */
export interface PlannedMove {
  readonly n: number;
  readonly relay: string;
  readonly by: DeviceId;
  /** What the new relay has to show at least. */
  readonly head: Head;
}

interface Kept {
  /** The latest last. */
  readonly consents: readonly AccountPlace[];
  readonly chain: KeptAccount | null;
  readonly leaving: Uint8Array | null;
  readonly names: ReadonlyMap<string, string>;
  readonly isOver: boolean;
  readonly moved: KeptMove | null;
  readonly moving: PlannedMove | null;
}

const nothing: Kept = {
  consents: [],
  chain: null,
  leaving: null,
  names: new Map(),
  isOver: false,
  moved: null,
  moving: null,
};

export class AccountFile {
  readonly #path: string;
  readonly #disk: Disk | undefined;
  #kept: Kept;

  /** @throws StateError as `readJsonFile` does, and `state-broken` for ids, links and hashes that are none. */
  constructor(path: string, disk?: Disk) {
    this.#path = path;
    this.#disk = disk;
    this.#kept = read(path);
  }

  get chain(): KeptAccount | null {
    return this.#kept.chain;
  }

  /** The accounts that this computer has agreed to and is not known to be in. */
  get consents(): readonly AccountPlace[] {
    return this.#kept.consents;
  }

  /** The encoded link by which this computer leaves, where one was signed. */
  get leaving(): Uint8Array | null {
    return this.#kept.leaving;
  }

  /** What the account's phones called themselves to this computer, by DeviceId in hexadecimal. */
  get names(): ReadonlyMap<string, string> {
    return this.#kept.names;
  }

  /** Whether this computer is out of the account for good. */
  get isOver(): boolean {
    return this.#kept.isOver;
  }

  get moved(): KeptMove | null {
    return this.#kept.moved;
  }

  get moving(): PlannedMove | null {
    return this.#kept.moving;
  }

  /**
   * Keeps that this computer agrees; on the disk when it returns.
   * @throws StateError `not-writable`; then nothing has changed, here as below.
   */
  consent(agreed: AccountPlace): void {
    const others = this.#kept.consents.filter((each) => !isSame(each, agreed));
    this.#replace({ ...this.#kept, consents: [...others, agreed].slice(-maxConsents) });
  }

  /** Begins to follow a chain, in the place of one that this computer is on no more. */
  begin(chain: KeptAccount): void {
    const consents = this.#kept.consents.filter((each) => !isSame(each, chain));
    this.#replace({ ...nothing, consents, chain });
  }

  /** Adds links behind those that are kept, and puts the note in the place of the old one. */
  add(links: SavedChain['links'], note: ChainNote): void {
    const { chain } = this.#kept;
    if (chain === null) throw new RangeError('no chain is followed');
    this.#replace({ ...this.#kept, chain: { ...chain, ...note, links: [...chain.links, ...links] } });
  }

  /** Keeps where the account is to be looked for, before that is done; null: nowhere any more. */
  plan(moving: PlannedMove | null): void {
    this.#replace({ ...this.#kept, moving });
  }

  /** The account is at another relay, which has shown links behind those that are kept. */
  move(relay: string, moved: KeptMove, links: SavedChain['links'], note: ChainNote): void {
    const { chain } = this.#kept;
    if (chain === null) throw new RangeError('no chain is followed');
    this.#replace({
      ...this.#kept,
      chain: { ...chain, ...note, relay, links: [...chain.links, ...links] },
      moved,
      moving: null,
    });
  }

  /** Keeps the link by which this computer leaves, before anybody has it. */
  leave(leaving: Uint8Array): void {
    this.#replace({ ...this.#kept, leaving });
  }

  /** Keeps what phones of the account are called; the names outlast them. */
  learn(said: ReadonlyMap<string, string>): void {
    const { names } = this.#kept;
    if ([...said].every(([id, name]) => names.get(id) === name)) return;
    this.#replace({ ...this.#kept, names: new Map([...new Map([...names, ...said])].slice(-maxNames)) });
  }

  /** Keeps that this computer is out of the account. */
  end(): void {
    if (!this.#kept.isOver) this.#replace({ ...this.#kept, isOver: true });
  }

  #replace(next: Kept): void {
    const stored: StoredFile = {
      v: version,
      consents: next.consents.map(toPlace),
      leaving: next.leaving && toBase64Url(next.leaving),
      names: Object.fromEntries(next.names),
      isOver: next.isOver,
      chain: toChain(next.chain),
      moved: next.moved,
      moving: next.moving && toPlan(next.moving),
    };
    writeJsonFile(this.#path, stored, this.#disk);
    this.#kept = next;
  }
}

function isSame(a: AccountPlace, b: AccountPlace): boolean {
  return a.relay === b.relay && equal(a.account, b.account);
}

function read(path: string): Kept {
  const found = readJsonFile(path, version, accountFile);
  if (found === undefined) return nothing;
  try {
    return {
      consents: found.consents.map(fromPlace),
      chain: fromChain(found.chain),
      leaving: found.leaving === null ? null : fromBase64Url(found.leaving),
      names: new Map(Object.entries(found.names)),
      isOver: found.isOver,
      moved: found.v === 1 ? null : found.moved,
      moving: found.v === 1 ? null : found.moving && fromPlan(found.moving),
    };
  } catch (cause) {
    throw new StateError('state-broken', path, null, cause);
  }
}

type StoredFile = Extract<v.InferOutput<typeof accountFile>, { v: typeof version }>;

function toPlan({ n, relay, by, head }: PlannedMove): StoredFile['moving'] {
  return { n, relay, by: toBase64Url(by), head: { seqno: head.seqno, hash: toBase64Url(head.hash) } };
}

function fromPlan({ n, relay, by, head }: NonNullable<StoredFile['moving']>): PlannedMove {
  const hash = parseLinkHash(fromBase64Url(head.hash));
  return { n, relay, by: parseDeviceId(fromBase64Url(by)), head: { seqno: head.seqno, hash } };
}

function toPlace({ account, relay }: AccountPlace): StoredFile['consents'][number] {
  return { account: toBase64Url(account), relay };
}

function fromPlace({ account, relay }: StoredFile['consents'][number]): AccountPlace {
  return { account: parseAccountId(fromBase64Url(account)), relay };
}

function toChain(chain: KeptAccount | null): StoredFile['chain'] {
  if (chain === null) return null;
  const { links, pin, signed } = chain;
  return {
    ...toPlace(chain),
    links: toBase64Url(encodeLinks(links)),
    pin: pin && { seqno: pin.seqno, hash: toBase64Url(pin.hash) },
    signed: signed && { seqno: signed.seqno, prev: toBase64Url(signed.prev), endsAt: signed.endsAt },
  };
}

function fromChain(found: StoredFile['chain']): KeptAccount | null {
  if (found === null) return null;
  const { pin, signed } = found;
  return {
    ...fromPlace(found),
    links: decodeLinks(fromBase64Url(found.links)),
    pin: pin && { seqno: pin.seqno, hash: parseLinkHash(fromBase64Url(pin.hash)) },
    signed: signed && { ...signed, prev: parseLinkHash(fromBase64Url(signed.prev)) },
  };
}
