import { ChainError, type ChainState, decodeLinks, parseLinkHash, replayPinned, type SignedLink } from '@palmkey/chain';
import {
  chainPost,
  factsRecordName,
  importPerUserKeys,
  joinByPhrase,
  openFactsRecord,
  paperKeys,
  parsePerUserBox,
  parsePreviousSeed,
  parseRecoveryPhrase,
  sealFactsRecord,
  PerUserKeyError,
  type PerUserKey,
  perUserKeysOnChain,
  DeviceFactsError,
} from '@palmkey/core/account';
import { FormatError, OpenError, sha256 } from '@palmkey/core/crypto';
import { type DeviceKeys, parseDeviceName } from '@palmkey/core/devices';
import { equal, PalmkeyError, RelayError, toHex } from '@palmkey/envelope';
import { Outbox } from '@palmkey/relay-client';
import { makeDevice, openDevice } from '../../keyring/device-keyring.ts';
import { makeUserKey } from '../../keyring/user-key.ts';
import type { RecoveredAccount } from '../../model/account-view.ts';
import type { FactsRow } from '../../store/schema.ts';
import type { SavedJoin } from '../joining/saved-join.ts';
import type { EnginePorts, RelayLink } from '../ports.ts';
import { untilAdmitted } from '../until-admitted.ts';
import { isOfRelay } from './account-error.ts';
import { factsRow } from './account-rows.ts';
import { deviceViews } from './account-view.ts';
import { isFinal } from './pending-links.ts';

/** How often a device is added anew where another one was faster. */
const MAX_TRIES = 3;
const GRANT_BYTES = 32;

/**
 * Recovery words did not lead to an account: `no-chain` (that relay knows none of them), `removed` (other words have
 * replaced them), `unreachable` (it cannot be asked), `bad-chain` (what it gives does not hold), `not-found` (nothing
 * was found yet that could be joined).
 */
export class RejoinError extends PalmkeyError {
  override readonly name = 'RejoinError';
  readonly code: 'no-chain' | 'removed' | 'unreachable' | 'bad-chain' | 'not-found';

  constructor(code: RejoinError['code'], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** What rejoining works with. */
export interface RejoinDeps {
  readonly ports: Pick<EnginePorts, 'clock' | 'primitives' | 'connectRelay' | 'fetchLinks' | 'deviceKind' | 'page'>;
  readonly saved: SavedJoin;
  /** This is a device of the account now, and the store has it. */
  readonly onJoined: () => Promise<void>;
  /** It is not certain whether it is: it is looked after until it is. */
  readonly onUncertain: () => Promise<void>;
}

/** The account of some words, with the connection of their paper key. */
interface Found {
  readonly relay: string;
  readonly paper: DeviceKeys;
  readonly link: RelayLink;
  readonly links: readonly SignedLink[];
  readonly state: ChainState;
  readonly perUserKeys: readonly PerUserKey[];
  readonly facts: ReadonlyMap<string, FactsRow>;
}

/** A browser without anything becomes a device of the account whose recovery words its person has. */
export class Rejoin {
  readonly #deps: RejoinDeps;
  readonly #closed = new AbortController();
  /** Ends the search that is under way: what it finds is of no use any more. */
  #search = new AbortController();
  #found: Found | null = null;

  constructor(deps: RejoinDeps) {
    this.#deps = deps;
  }

  /**
   * Finds the account of these words at a relay. Throws RecoveryPhraseError and {@link RejoinError}, `not-found` where
   * it was cancelled.
   */
  async find(words: string, relay: string): Promise<RecoveredAccount> {
    this.cancel();
    const search = new AbortController();
    this.#search = search;
    const { primitives, connectRelay } = this.#deps.ports;
    const paper = await paperKeys(primitives, parseRecoveryPhrase(words));
    const link = connectRelay(relay, paper, null, new Outbox());
    link.start();
    let found: Found;
    try {
      await untilAdmitted(link, this.#deps.ports.clock);
      found = await this.#look(relay, paper, link);
      if (search.signal.aborted) throw new RejoinError('not-found');
    } catch (error) {
      link.close();
      throw rejoinError(error);
    }
    this.#found = found;
    const facts: Parameters<typeof deviceViews>[0]['facts'] = (id) => found.facts.get(toHex(id));
    return {
      id: toHex(found.state.account),
      lastChangeAt: found.state.headTime,
      devices: deviceViews({ state: found.state, facts }, null).filter(({ revoked }) => revoked === null),
    };
  }

  /** Forgets the words, and what was found by them. */
  cancel(): void {
    this.#search.abort();
    this.#found?.link.close();
    this.#found = null;
  }

  close(): void {
    this.#closed.abort();
    this.cancel();
  }

  /**
   * Adds this device to the account that was found. Throws DeviceFactsError for its name, {@link RejoinError}, ChainError
   * where the account is full, and what the relay says.
   */
  async confirm(name: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const found = this.#found;
      if (found === null) throw new RejoinError('not-found');
      try {
        await this.#join(found, name);
        break;
      } catch (error) {
        const wasFaster = error instanceof RelayError && error.code === 'conflict';
        if (!wasFaster || tries >= MAX_TRIES) throw isOfRelay(error) && !wasFaster ? rejoinError(error) : error;
        this.#found = await this.#look(found.relay, found.paper, found.link);
      }
    }
    this.cancel();
    await this.#deps.onJoined();
  }

  async #look(relay: string, paper: DeviceKeys, link: RelayLink): Promise<Found> {
    const { primitives, fetchLinks } = this.#deps.ports;
    const told = await link.chain.ask();
    if (told === null) throw new RejoinError('no-chain');
    const fetched = await fetchLinks(relay, told.account, 0, this.#closed.signal);
    const links = decodeLinks(fetched.links);
    const head = { seqno: told.seqno, hash: parseLinkHash(told.hash) };
    const state = await replayPinned({ ...primitives, sha256 }, links, null, head);
    if (!equal(state.account, told.account) || state.find(paper.id)?.kind !== 'paper')
      throw new RejoinError('bad-chain');
    const { box, seeds } = await link.chain.boxes();
    if (box === null) throw new RejoinError('bad-chain');
    const perUserKeys = await importPerUserKeys(
      primitives,
      paper,
      perUserKeysOnChain(state),
      parsePerUserBox(box),
      seeds.map(parsePreviousSeed),
    );
    const facts = await this.#names(link, state, perUserKeys);
    return { relay, paper, link, links, state, perUserKeys, facts };
  }

  async #names(
    link: RelayLink,
    state: ChainState,
    keys: readonly PerUserKey[],
  ): Promise<ReadonlyMap<string, FactsRow>> {
    const records = await link.chain.records();
    const facts = new Map<string, FactsRow>();
    for (const { id } of [...state.active, ...state.revoked]) {
      const record = records.find(({ name }) => name === factsRecordName(id));
      if (record === undefined) continue;
      try {
        const { primitives } = this.#deps.ports;
        facts.set(toHex(id), factsRow(id, await openFactsRecord(primitives, state, keys, id, record.bytes), true));
      } catch (error) {
        const isNone = [OpenError, FormatError, DeviceFactsError].some((type) => error instanceof type);
        if (!isNone) throw error;
      }
    }
    return facts;
  }

  /** It is saved before it is posted: with the words forgotten, nothing else could find out what became of it. */
  async #join({ relay, paper, link, links, state, perUserKeys, facts }: Found, name: string): Promise<void> {
    const { ports, saved, onUncertain } = this.#deps;
    const { primitives, clock, deviceKind } = ports;
    const key = perUserKeys.at(-1);
    if (key === undefined) throw new RejoinError('bad-chain');
    const now = clock.now();
    const device = await makeDevice(parseDeviceName(name), now, saved.isLocking);
    const keys = await openDevice(device);
    const actor = { primitives, device: paper, ctime: now };
    const names = [...facts.values()].map((row) => row.name);
    const act = await joinByPhrase(actor, state, key, keys, { kind: deviceKind, name }, names);
    const [box] = act.boxes;
    if (box === undefined || act.prev === null) throw new RejoinError('bad-chain');
    // No grant lets it in: what was not certain is seen on the chain.
    const newSession = primitives.randomBytes(GRANT_BYTES);
    const post = { account: state.account, newSession, prev: act.prev, links: act.links, box };
    const joined = { post, state: act.after, facts: act.facts, perUserKeys, passphraseStream: null };
    const userKey = await makeUserKey(device.name, now, 'ssh-ed25519', saved.isLocking);
    const row = await saved.save(primitives, { relay, device, id: keys.id, key: userKey, before: links, joined });
    try {
      // Before the head is another: whoever hears of it finds the name.
      const record = await sealFactsRecord(primitives, state, key, keys.id, act.facts);
      await link.chain.write({ name: factsRecordName(keys.id), revision: 0, bytes: record });
    } catch (error) {
      await saved.drop();
      throw error;
    }
    try {
      await link.chain.post(chainPost(act));
    } catch (error) {
      if (isFinal(error)) await saved.drop();
      else await onUncertain();
      throw error;
    }
    await saved.finish(row);
  }
}

function rejoinError(error: unknown): unknown {
  if (error instanceof RelayError && error.code === 'removed') return new RejoinError('removed', { cause: error });
  if (error instanceof RelayError && error.code === 'not-admitted')
    return new RejoinError('no-chain', { cause: error });
  if (error instanceof ChainError || error instanceof PerUserKeyError)
    return new RejoinError('bad-chain', { cause: error });
  return isOfRelay(error) ? new RejoinError('unreachable', { cause: error }) : error;
}
