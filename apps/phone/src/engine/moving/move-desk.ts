import type { ChainDevice } from '@palmkey/chain';
import { MOVE_RECORD } from '@palmkey/core/account';
import { MAX_LIFETIME_MS, type Content } from '@palmkey/core/messages';
import { type AccountRecord, type DeviceId, equal, PalmkeyError, toHex } from '@palmkey/envelope';
import type { MovingView, NewRelay } from '../../model/account-view.ts';
import type { HexId } from '../../model/hex-id.ts';
import type { SignInForm } from '../../model/model.ts';
import type { PairingRow } from '../../store/schema.ts';
import { StoreError } from '../../store/store.ts';
import { isOfRelay } from '../account/account-error.ts';
import type { Carriage, ChainOrders } from '../ports.ts';
import { NotConnectedError } from '../until-admitted.ts';
import type { MoveFlow, MoveFlowDeps } from './move-flow.ts';

/** The version of spec/requests.md from which on a computer can be told. */
const TOLD_FROM = 5;

/** What the desk works with. */
export interface MoveDeskDeps extends Omit<MoveFlowDeps, 'show' | 'nameOf' | 'onMoved' | 'onStayed'> {
  /** The flow's own file; null where nobody moves, in the service worker. */
  readonly fetchFlow: (() => Promise<{ readonly MoveFlow: typeof MoveFlow }>) | null;
  readonly pairings: ReadonlyMap<HexId, PairingRow>;
  readonly protocol: (id: HexId) => number | null;
  readonly send: (id: HexId, content: Content, how?: Carriage) => Promise<boolean>;
  /** A computer is reached at another relay from now on. */
  readonly settle: (id: HexId, relay: string) => Promise<void>;
  readonly onChange: () => void;
}

/**
 * Where the account is, and who is not there yet. The way there is fetched when somebody goes it; what is here is needed
 * on every start.
 */
export class MoveDesk {
  readonly #deps: MoveDeskDeps;
  #flow: Promise<MoveFlow> | null = null;
  #view: MovingView | null = null;
  /** Members that the home relay has said to be connected, since this started. */
  readonly #seen = new Set<HexId>();
  /** Up to which revision the records of a relay were read, and the word on a move among them. */
  #read: { readonly relay: string | null; readonly revision: number; readonly word: AccountRecord | undefined } = {
    relay: null,
    revision: 0,
    word: undefined,
  };

  constructor(deps: MoveDeskDeps) {
    this.#deps = deps;
  }

  view(): MovingView {
    const { moved } = this.#deps.account.row;
    if (this.#view !== null) return this.#view;
    if (moved?.from == null) return { is: 'none' };
    const { account } = this.#deps;
    return {
      is: 'moved',
      from: moved.from,
      left: this.#left().map(({ id }) => ({ id: toHex(id), name: account.facts(id)?.name ?? null })),
    };
  }

  /** Goes on with what is under way. */
  async start(): Promise<void> {
    const { store, fetchFlow } = this.#deps;
    const row = await store.transact('read', ['moving'], (transaction) => transaction.get('moving', 'moving'));
    if (row === undefined || fetchFlow === null) return;
    if (row.step === 'signing-in') this.#show({ is: 'signing-in', to: row.to });
    else (await this.#fetch()).resume(row);
  }

  close(): void {
    void this.#flow?.then((flow) => flow.close());
  }

  /** In step with the home relay: whether another member has left word there that the account is at yet another one. */
  async inStep(chain: ChainOrders): Promise<boolean> {
    const word = await this.#wordAt(chain);
    if (word === undefined || this.#deps.fetchFlow === null) return false;
    const flow = await this.#fetch().catch((cause: unknown) => {
      // The app's own files could not be had: what stands there is judged the next time, and nothing signed before.
      throw new NotConnectedError('no flow', { cause });
    });
    return flow.hear(word);
  }

  async look(relay: string, invitation: string | null): Promise<NewRelay> {
    return (await this.#fetch()).look(relay, invitation);
  }

  async signIn(): Promise<SignInForm> {
    return (await this.#fetch()).signIn();
  }

  async begin(): Promise<void> {
    await (await this.#fetch()).begin();
  }

  async cancel(): Promise<void> {
    await (await this.#fetch()).cancel();
  }

  async stay(): Promise<void> {
    await (await this.#fetch()).stay();
  }

  dismiss(): void {
    if (this.#view?.is === 'failed') this.#show(null);
  }

  async endFormer(tell: boolean): Promise<void> {
    const flow = await this.#fetch();
    await (tell ? flow.endFormer() : flow.leaveFormer());
    this.#deps.onChange();
  }

  /** A relay says that a device is connected. */
  present(relay: string, id: DeviceId): void {
    const { account } = this.#deps;
    if (relay !== account.row.relay || account.state.find(id) === undefined || this.#seen.has(toHex(id))) return;
    this.#seen.add(toHex(id));
    this.#endIfAllAreThere();
  }

  /** A computer has spoken at a relay: it is there from now on, if that is the account's. */
  async heardAt(id: HexId, relay: string): Promise<void> {
    const { account, pairings, settle } = this.#deps;
    if (account.row.moved === null || relay !== account.row.relay || pairings.get(id)?.relay === relay) return;
    if (!this.#isOurs(id)) return;
    await settle(id, relay);
    this.#endIfAllAreThere();
  }

  /** A computer has said `here`: it is told, where it is not at the account's relay, or may be about to leave it. */
  async isThere(id: HexId): Promise<void> {
    const { account, pairings } = this.#deps;
    const { moved, relay } = account.row;
    const isSettled = pairings.get(id)?.relay === relay && moved?.stayed !== true;
    if (moved === null || isSettled || !this.#isOurs(id)) return;
    await this.#tell(id, {});
  }

  /** The account's computers that were not heard at its relay, since it has moved there. */
  elsewhere(): readonly HexId[] {
    const { account, pairings } = this.#deps;
    const { moved, relay } = account.row;
    if (moved === null) return [];
    return [...pairings.values()].filter((row) => row.relay !== relay && this.#isOurs(row.id)).map(({ id }) => id);
  }

  /** A member has written account data at a relay: it may be such a word. */
  dataWritten(relay: string): void {
    const { account, keeper, links, run } = this.#deps;
    if (relay !== account.row.relay) return;
    run(() =>
      keeper.inOrder(async () => {
        const chain = links.chainAt(relay);
        try {
          if (chain !== null && relay === account.row.relay) await this.inStep(chain);
        } catch (error) {
          if (!isOfRelay(error)) throw error;
        }
      }),
    );
  }

  /** Of what is at the home relay only the new is read. */
  async #wordAt(chain: ChainOrders): Promise<AccountRecord | undefined> {
    const { relay } = this.#deps.account.row;
    const before = this.#read.relay === relay ? this.#read : { revision: 0, word: undefined };
    const { latest, records } = await chain.recordsAfter(before.revision);
    const word = records.find(({ name }) => name === MOVE_RECORD) ?? before.word;
    this.#read = { relay, revision: latest, word };
    return word;
  }

  async #onMoved(from: string | null, isSame: boolean): Promise<void> {
    const { account, keeper, pairings, settle, onChange } = this.#deps;
    const { relay } = account.row;
    const there = [...pairings.values()].filter((row) => row.relay === from);
    if (isSame && relay !== null) for (const { id } of there) await settle(id, relay);
    keeper.rehome();
    this.#seen.clear();
    onChange();
    await this.#tellAll();
  }

  /** Every computer; those too that have never left: an earlier word may still wait for them. */
  async #tellAll(): Promise<void> {
    for (const { id } of this.#deps.pairings.values()) {
      if (this.#isOurs(id)) await this.#tell(id, { lifetimeMs: MAX_LIFETIME_MS, durable: true });
    }
  }

  async #tell(id: HexId, how: Carriage): Promise<void> {
    const { account, protocol, send } = this.#deps;
    const { moved } = account.row;
    if (moved !== null && (protocol(id) ?? 0) >= TOLD_FROM)
      await send(id, { kind: 'moved', notice: moved.notice }, how);
  }

  #isOurs(id: HexId): boolean {
    return this.#deps.account.state.active.some((device) => device.kind === 'host' && toHex(device.id) === id);
  }

  /** Members that the new relay has not shown, and computers that have not spoken there. */
  #left(): readonly ChainDevice[] {
    const { account, device, pairings } = this.#deps;
    const { relay } = account.row;
    return account.state.active.filter(({ id, kind }) => {
      if (kind === 'paper' || equal(id, device.id)) return false;
      return kind === 'host' ? pairings.get(toHex(id))?.relay !== relay : !this.#seen.has(toHex(id));
    });
  }

  #endIfAllAreThere(): void {
    const { account, fetchFlow, onChange, run } = this.#deps;
    onChange();
    if (account.row.moved?.from == null || this.#left().length > 0 || fetchFlow === null) return;
    run(async () => {
      try {
        await this.endFormer(true);
      } catch (error) {
        // The next one that is seen, or the person, has it done again.
        if (error instanceof StoreError || !(error instanceof PalmkeyError)) throw error;
      }
    });
  }

  #fetch(): Promise<MoveFlow> {
    const { fetchFlow } = this.#deps;
    if (fetchFlow === null) return Promise.reject(new RangeError('nobody moves here'));
    const { account } = this.#deps;
    this.#flow ??= fetchFlow().then(
      (module) =>
        new module.MoveFlow({
          ...this.#deps,
          show: (view) => this.#show(view),
          nameOf: (by) => {
            const member = account.state.active.find(({ id }) => equal(id, by));
            return (member && account.facts(member.id)?.name) ?? null;
          },
          onMoved: (from, isSame) => this.#onMoved(from, isSame),
          onStayed: () => this.#tellAll(),
        }),
    );
    this.#flow.catch(() => (this.#flow = null));
    return this.#flow;
  }

  #show(view: MovingView | null): void {
    this.#view = view;
    this.#deps.onChange();
  }
}
