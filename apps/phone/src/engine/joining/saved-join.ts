import { decodeLinks, encodeLinks, parseLinkHash, type SignedLink } from '@palmkey/chain';
import { encodePerUserBox, encodePreviousSeed, parsePerUserBox, sealPreviousSeed } from '@palmkey/core/account';
import type { Primitives } from '@palmkey/core/crypto';
import type { Joined, JoinPost } from '@palmkey/core/provisioning';
import { type DeviceId, fromHex, parseAccountId, toHex } from '@palmkey/envelope';
import type { DeviceRow } from '../../keyring/device-keyring.ts';
import type { UserKeyRow } from '../../keyring/user-key.ts';
import type { JoiningRow } from '../../store/schema.ts';
import type { Store, Transaction } from '../../store/store.ts';
import { ACCOUNT_TABLES, factsRow, headRow, putMembership } from '../account/account-rows.ts';
import type { PassphraseDesk } from '../passphrase/passphrase-desk.ts';
import type { Turns } from '../turns.ts';

/** What makes a new device a member, and what the device is made of. */
export interface ToSave {
  readonly relay: string;
  readonly device: DeviceRow;
  readonly id: DeviceId;
  readonly key: UserKeyRow;
  /** The chain before this device. */
  readonly before: readonly SignedLink[];
  readonly joined: Joined;
}

/**
 * The place where a joining is kept from before it is posted until it is certain (spec/provisioning.md, "The way", 6):
 * as one row, so that as long as it is not certain there is neither device nor account.
 */
export class SavedJoin {
  readonly #store: Store;
  readonly #turns: Turns;
  readonly #passphrase: PassphraseDesk | null;

  constructor(store: Store, turns: Turns, passphrase: PassphraseDesk | null) {
    this.#store = store;
    this.#turns = turns;
    this.#passphrase = passphrase;
  }

  /** Whether keys are to be made for a passphrase to lock. */
  get isLocking(): boolean {
    return this.#passphrase?.isOn ?? false;
  }

  /** What was saved and is not certain; null for nothing. */
  async read(): Promise<JoiningRow | null> {
    return (await this.#store.transact('read', ['joining'], (rows) => rows.get('joining', 'joining'))) ?? null;
  }

  /**
   * Returns when it is safe. With the passphrase stream of the device that lets this one in, everything that is kept here is
   * locked by it from then on. Throws a StoreError.
   */
  async save(primitives: Primitives, toSave: ToSave): Promise<JoiningRow> {
    const row = rowOf(primitives, toSave);
    const stream = toSave.joined.passphraseStream;
    const put = (rows: Transaction): Promise<void> => rows.put('joining', row);
    await this.#turns.exclusively(async () => {
      if (stream !== null && this.#passphrase !== null) await this.#passphrase.takeOver(stream, put);
      else await this.#store.transact('write', ['joining'], put);
    });
    return row;
  }

  /** Lets go of it: it is on no chain, or its person gives it up. */
  async drop(): Promise<void> {
    const take = (rows: Transaction): Promise<void> => rows.delete('joining', 'joining');
    await this.#turns.exclusively(async () => {
      // With nothing else here, the passphrase was that of the device that was to let this one in.
      if (this.#passphrase?.isOn === true) await this.#passphrase.letGo(take);
      else await this.#store.transact('write', ['joining'], take);
    });
  }

  /** It is on the chain: from here on this is a device with an account. */
  async finish(row: JoiningRow): Promise<void> {
    const { device, key, account, relay, chain, head, facts, box, seeds } = row;
    const tables = ['joining', 'device', 'keys', ...ACCOUNT_TABLES] as const;
    await this.#turns.exclusively(() =>
      this.#store.transact('write', tables, async (rows) => {
        await rows.put('device', device);
        await rows.put('keys', key);
        const links = decodeLinks(chain);
        await putMembership(rows, { account, links, facts, pin: head, relay, box, seeds });
        await rows.delete('joining', 'joining');
      }),
    );
  }
}

/** What is posted of a saved joining, again and again the same. */
export function postOf({ account, chain, prev, box, grant }: JoiningRow): JoinPost {
  return {
    account: parseAccountId(fromHex(account)),
    newSession: grant,
    prev: { seqno: prev.seqno, hash: parseLinkHash(prev.hash) },
    links: decodeLinks(chain).slice(prev.seqno),
    box: parsePerUserBox(box),
  };
}

function rowOf(primitives: Primitives, { relay, device, id, key, before, joined }: ToSave): JoiningRow {
  const { state, post, facts, perUserKeys } = joined;
  // The relay's own previous seeds are not at hand; these are as good, and are read by this device alone.
  const seeds = perUserKeys.flatMap((each, i) => {
    const former = perUserKeys[i - 1];
    return former === undefined ? [] : [encodePreviousSeed(sealPreviousSeed(primitives, each, former))];
  });
  return {
    id: 'joining',
    device,
    key,
    account: toHex(state.account),
    relay,
    chain: encodeLinks([...before, ...post.links]),
    prev: headRow(post.prev),
    head: headRow(state.head),
    facts: factsRow(id, facts, false),
    box: encodePerUserBox(post.box),
    seeds,
    grant: new Uint8Array(post.newSession),
  };
}
