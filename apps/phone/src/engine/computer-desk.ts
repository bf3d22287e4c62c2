import { type Content, MAX_LIFETIME_MS } from '@palmkey/core/messages';
import type { HexId } from '../model/hex-id.ts';
import type { PairingRow } from '../store/schema.ts';
import type { AccountDesk } from './account/account-desk.ts';
import type { ComputerChanges } from './account/account-computers.ts';
import type { ComputerBook } from './computer-book.ts';
import type { Greetings } from './greetings.ts';
import type { Inbox } from './inbox.ts';
import type { MoveDesk } from './moving/move-desk.ts';
import type { PhoneState } from './phone-state.ts';
import type { RelayLinks } from './relay-links.ts';
import type { Waking } from './waking.ts';

/** What the desk works with. */
export interface ComputerDeskDeps {
  readonly state: PhoneState;
  readonly links: RelayLinks;
  readonly computers: ComputerBook;
  readonly greetings: Greetings;
  readonly inbox: Inbox;
  readonly waking: Waking;
  readonly account: AccountDesk;
  readonly moving: MoveDesk;
  /** Whether each connection tells the relay how this phone is woken. */
  readonly registers: boolean;
  /** Does what nobody waits for. */
  readonly run: (work: () => Promise<void>) => void;
}

/** Computers come, are met, move and go: what each part of the conversation has to know of it, in this order. */
export class ComputerDesk {
  readonly #deps: ComputerDeskDeps;

  constructor(deps: ComputerDeskDeps) {
    this.#deps = deps;
  }

  /** A relay is connected. */
  async connected(relay: string): Promise<void> {
    if (await this.#deps.account.keeper.connected(relay)) await this.ready(relay);
  }

  /**
   * It is connected, and nothing speaks against going on: its computers are greeted, and told again what they may lack.
   */
  async ready(relay: string): Promise<void> {
    const { state, links, computers, greetings, inbox, waking, account, moving, registers, run } = this.#deps;
    const there = links.computers(relay);
    // They may have moved with the account before this device did.
    if (relay === account.account.row.relay) await greetings.greet(moving.elsewhere(), { via: relay });
    // Connected for a pairing or an order: nobody there wakes this phone yet.
    if (there.length === 0) return;
    if (registers) run(() => waking.onConnected(relay));
    await greetings.greet(there);
    for (const id of there) {
      await inbox.repeat(id);
      // Admitted: the relay knows this device from now on.
      if (state.pairings.get(id)?.grant) await computers.change(id, (row) => ({ ...row, grant: null }));
    }
  }

  /** A computer says that it is there. */
  async here(id: HexId, { name, software }: Extract<Content, { kind: 'here' }>): Promise<void> {
    const { computers, greetings, inbox, account, moving } = this.#deps;
    if (await computers.here(id, name, software)) await greetings.heard(id);
    await inbox.repeat(id);
    account.isThere(id);
    await moving.isThere(id);
  }

  /**
   * Keeps a pairing that was just made; what it resolves with takes that back. A computer that this phone still knew,
   * and that did not know it any more, is paired anew.
   */
  async keep(row: PairingRow): Promise<() => Promise<void>> {
    const { state, computers, account } = this.#deps;
    const before = state.pairings.get(row.id);
    await account.paired(row.id);
    await computers.put({ ...row, givenName: before?.givenName ?? null, mutedUntil: before?.mutedUntil ?? null });
    return () => (before === undefined ? this.forget(row.id) : computers.put(before));
  }

  /** The pairing stands: the computer is reached from now on. */
  begin(row: PairingRow): void {
    const { links, run } = this.#deps;
    links.add(row);
    if (links.isConnected(row.id)) run(() => this.connected(row.relay));
  }

  /** A computer is at another relay from now on, which may wake this phone too. */
  async settle(id: HexId, relay: string): Promise<void> {
    const { computers, links, waking, registers, run } = this.#deps;
    await computers.change(id, (row) => ({ ...row, relay, grant: null }));
    links.settle(id, relay);
    if (registers && links.isConnected(id)) run(() => waking.onConnected(relay));
  }

  /** Nothing of the computer is shown or signed until then (Infinity: until it is switched on); null: it may ask. */
  async mute(id: HexId, until: number | null): Promise<void> {
    const { computers, inbox } = this.#deps;
    await computers.change(id, (row) => ({ ...row, mutedUntil: until }));
    if (until !== null) await inbox.refuseWaiting(id);
  }

  /** Ends a pairing here and now; the computer is told, within the hour in which it can be reached. */
  async unpair(id: HexId): Promise<void> {
    await this.#deps.links.send(id, { kind: 'unpair' }, { lifetimeMs: MAX_LIFETIME_MS, durable: true });
    await this.forget(id, { byPerson: true });
  }

  /** It is no computer of this phone any more; `byPerson`: the account's devices are to know it no more either. */
  async forget(id: HexId, { byPerson } = { byPerson: false }): Promise<void> {
    const { state, links, computers, greetings, inbox, account } = this.#deps;
    await computers.forget(id, async () => {
      links.remove(id);
      greetings.forget(id);
      await inbox.forgetComputer(id);
    });
    await account.forgotten(id, byPerson);
    state.publish();
  }

  /** Takes the chain's word on the computers over. */
  async apply({ added, ended, named }: ComputerChanges): Promise<void> {
    const { computers } = this.#deps;
    for (const id of ended) await this.forget(id);
    for (const row of added) {
      await computers.put(row);
      this.begin(row);
    }
    for (const { id, hostName } of named) await computers.change(id, (row) => ({ ...row, hostName }));
  }
}
