import type { Content, Opened, Previewed } from '@palmkey/core/messages';
import { ClockSkewError, MAX_LIFETIME_MS, NotUnderstoodError, Opener, Sealer } from '@palmkey/core/messages';
import { agreedProtocol } from '@palmkey/core/requests';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { DeviceId, SealedBody } from '@palmkey/envelope';
import { PalmkeyError, equal, toHex } from '@palmkey/envelope';
import type { HexId } from '../model/hex-id.ts';
import type { PermissionGrant } from '../model/model.ts';
import type { NoticesRow, PairingRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store.ts';
import type { Account } from './account/account.ts';
import type { ComputerChanges } from './account/account-computers.ts';
import { AccountDesk } from './account/account-desk.ts';
import { AccountError, isOfRelay } from './account/account-error.ts';
import { SharedShelf } from './account/shared-shelf.ts';
import { Greetings } from './greetings.ts';
import { Inbox } from './inbox.ts';
import { MoveDesk, type MoveDeskDeps } from './moving/move-desk.ts';
import { LaterLetInFlow } from './joining/later-flows.ts';
import type { LetInFlowDeps } from './joining/let-in-flow.ts';
import { PairingFlow } from './pairing-flow.ts';
import type { PermissionBook } from './permissions/permission-book.ts';
import type { PhoneState } from './phone-state.ts';
import type { EnginePorts } from './ports.ts';
import { isMuted } from './request-ledger.ts';
import { RelayAdmission } from './relay-admission.ts';
import { RelayLinks } from './relay-links.ts';
import { Waking } from './waking.ts';
import { StoredReplay, TakenElsewhereError } from './replay-store.ts';
import { StoredOutboxes } from './stored-outbox.ts';
import type { Turns } from './turns.ts';

/** A request as its computer previews it (spec/requests.md, "Previews"): claims. */
export interface Preview {
  readonly computer: string;
  readonly hash: HexId;
  readonly of: Previewed;
}

/** What a conversation runs on. */
export interface ConversationDeps {
  readonly ports: EnginePorts;
  readonly state: PhoneState;
  readonly store: Store;
  readonly turns: Turns;
  readonly book: PermissionBook;
  /** Whether each connection tells the relay how this phone is woken: one that was just woken need not say so again. */
  readonly registers: boolean;
  /** The way to another relay; null where nobody goes it. */
  readonly fetchMove: MoveDeskDeps['fetchFlow'];
  /** Keeps what the person chose about notifications. */
  readonly keepNotices: (change: Partial<Omit<NoticesRow, 'id'>>) => Promise<void>;
  /** False once another tab answers. */
  readonly alive: () => boolean;
  /** The store failed while nobody waited for it. */
  readonly onFault: (error: unknown) => void;
}

/** What the store holds of its own conversation. */
interface Kept {
  readonly replay: StoredReplay;
  readonly outboxes: StoredOutboxes;
  readonly shelf: SharedShelf;
}

/** This device talking with its computers: greets, opens what comes, and lets inbox and pairing do their part. */
export class Conversation {
  readonly greetings: Greetings;
  readonly inbox: Inbox;
  readonly pairing: PairingFlow;
  readonly waking: Waking;
  readonly admission: RelayAdmission;
  readonly account: AccountDesk;
  readonly moving: MoveDesk;
  readonly #deps: ConversationDeps;
  readonly #device: DeviceKeys;
  readonly #links: RelayLinks;
  readonly #opener: Opener;
  readonly #replay: StoredReplay;
  /** What computers said that they speak, until their `here`. */
  readonly #speaks = new Map<HexId, Extract<Content, { kind: 'speaks' }>>();
  /** Computers that said what this app does not know. */
  readonly #ahead = new Set<HexId>();
  /** What comes from one computer is taken in order. */
  readonly #mail = new Map<HexId, Promise<void>>();

  private constructor(deps: ConversationDeps, device: DeviceKeys, account: Account, { replay, outboxes, shelf }: Kept) {
    const { ports, state } = deps;
    this.#deps = deps;
    this.#device = device;
    this.#replay = replay;
    const { primitives, clock } = ports;
    this.#links = new RelayLinks(
      ports,
      device,
      new Sealer({ primitives, device, clock, chain: () => account.state }),
      outboxes,
      {
        onBody: (from, body, relay) => this.#receive(from, body, relay),
        onConnected: (relay) => this.#run(() => this.#onConnected(relay)),
        onLost: (relay, problem) => this.account.lost(relay, problem),
        onChainHead: (relay, head) => this.#run(() => this.account.heard(relay, head)),
        onPresence: (relay, id) => this.moving.present(relay, id),
        onAccountData: (relay, word) => {
          this.account.dataWritten(relay, word);
          this.moving.dataWritten(relay);
        },
        onChange: () => state.publish(),
      },
    );
    this.greetings = new Greetings({ ports, state, links: this.#links, run: (work) => this.#run(work) });
    this.#opener = new Opener({ primitives, device, role: 'decides', peers: this.#links, replay, clock });
    this.inbox = new Inbox({
      ...deps,
      replay,
      device: device.id,
      send: (host, content, how, still) => this.#links.send(host, content, how, still),
      protocol: (host) => this.#protocol(host),
      onDue: (work) => this.#run(work),
    });
    this.pairing = new PairingFlow({
      ports,
      state,
      device,
      links: this.#links,
      keep: (row) => this.#keepPairing(row),
      begin: (row) => this.#begin(row),
    });
    this.waking = new Waking({
      ports,
      state,
      keep: deps.keepNotices,
      register: (relay, registration) => this.#links.pushRegister(relay, registration),
    });
    this.admission = new RelayAdmission({
      ports,
      device,
      links: this.#links,
      home: () => account.row.relay,
      changePairing: (id, change) => this.#changePairing(id, change),
    });
    this.account = new AccountDesk({
      ports,
      device,
      account,
      shelf,
      book: deps.book,
      state,
      pairings: state.pairings,
      chainAt: (relay) => this.#links.chainAt(relay),
      hold: (relay) => this.#links.hold(relay, null),
      protocol: (id) => this.#protocol(id),
      send: (id, content) => this.#links.send(id, content),
      apply: (changes) => this.#apply(changes),
      settle: (at) => this.#settle(at),
      onReady: (relay) => this.#run(() => this.#onReady(relay)),
      onAct: async (chain) => {
        if (await this.moving.inStep(chain)) throw new AccountError('moved');
      },
      onInStep: async (chain) => {
        await this.moving.inStep(chain);
      },
      moving: () => this.moving.view(),
      onChange: () => state.publish(),
      run: (work) => this.#run(work),
    });
    this.moving = new MoveDesk({
      ports,
      device,
      account,
      keeper: this.account.keeper,
      links: this.#links,
      store: deps.store,
      fetchFlow: deps.fetchMove,
      pairings: state.pairings,
      protocol: (id) => this.#protocol(id),
      send: (id, content, how) => this.#links.send(id, content, how),
      settle: (id, relay) => this.#settleAt(id, relay),
      onState: () => this.account.takeOver(),
      onChange: () => state.publish(),
      run: (work) => this.#run(work),
    });
    state.account = () => this.account.view();
    state.allHistory = () => this.account.shared.history();
    deps.book.mayAnswer = () => this.account.mayAnswer;
    deps.book.settled = () => this.account.shared.settled();
    state.waiting = () => this.inbox.views();
    state.waitingCount = () => this.inbox.waitingCount;
    state.reach = (id) => this.#links.reach(id);
    state.standing = (id) => ({ update: this.#update(id), flooded: this.inbox.flooded(id) });
  }

  /** Takes up what the store holds and connects. Throws a {@link StoreError}. */
  static async start(deps: ConversationDeps, device: DeviceKeys, account: Account): Promise<Conversation> {
    const replay = await StoredReplay.open(deps.store, deps.ports.clock.now());
    const outboxes = await StoredOutboxes.open(deps.store);
    const shelf = await SharedShelf.open(deps.store, deps.turns);
    const conversation = new Conversation(deps, device, account, { replay, outboxes, shelf });
    await conversation.inbox.load();
    for (const pairing of deps.state.pairings.values()) conversation.#links.add(pairing);
    conversation.#links.start();
    await conversation.account.start();
    await conversation.moving.start();
    return conversation;
  }

  /** Lets devices into the account; what it shows goes to `show`. */
  letInFlow(
    ports: LetInFlowDeps['ports'],
    passphrase: LetInFlowDeps['passphrase'],
    show: LetInFlowDeps['show'],
  ): LaterLetInFlow {
    return new LaterLetInFlow(async () => {
      const { LetInFlow, letInAccount } = await ports.fetchFlows.letIn();
      return new LetInFlow({
        ports,
        device: this.#device,
        account: letInAccount(ports, this.#links, this.account),
        passphrase,
        show,
      });
    }, show);
  }

  /** Answers a request. Throws an `AccountError` where nothing may be decided. */
  async decide(hash: HexId, decision: 'approve' | 'reject' | 'pass', permission?: PermissionGrant): Promise<void> {
    this.account.keeper.checkMayDecide();
    await this.inbox.decide(hash, decision, permission);
  }

  /** Ends a pairing here and now; the computer is told, within the hour in which it can be reached. */
  async unpair(id: HexId): Promise<void> {
    await this.#links.send(id, { kind: 'unpair' }, { lifetimeMs: MAX_LIFETIME_MS, durable: true });
    await this.#forget(id, true);
  }

  /** Tells the relays anew how this phone is woken. */
  async registerAnew(): Promise<void> {
    const relays = new Set([...this.#deps.state.pairings.values()].map(({ relay }) => relay));
    for (const relay of relays) await this.waking.onConnected(relay);
  }

  /**
   * Opens what was pushed: the computer's word on a request, by which nothing is decided. Null for what does not open, is
   * something else, or comes from a computer that is muted.
   */
  async openPreview(body: SealedBody): Promise<Preview | null> {
    const { state, ports } = this.#deps;
    try {
      const { sender, content } = await this.#opener.open(body);
      await this.#replay.flush();
      const id = toHex(sender.id);
      if (content.kind !== 'preview' || isMuted(state.pairings.get(id)?.mutedUntil ?? null, ports.clock.now()))
        return null;
      return { computer: state.computerName(id), hash: toHex(content.hash), of: content.of };
    } catch (error) {
      if (error instanceof StoreError || !(error instanceof PalmkeyError)) throw error;
      return null;
    }
  }

  /** The network is back, or somebody looks: connect now, and see who is there. */
  wake(): void {
    this.#links.reconnectNow();
    this.#run(() => this.greetings.greet());
  }

  /** Takes this device away, from a pairing that runs as from its computers. */
  close(): void {
    this.pairing.close();
    this.moving.close();
    this.account.close();
    this.greetings.close();
    this.inbox.close();
    this.#links.close();
  }

  /** Resolves when it was acted on. */
  async #receive(from: DeviceId, body: SealedBody, relay: string): Promise<void> {
    const id = toHex(from);
    // Head first, then mail: what comes from a device that was taken out meanwhile is not opened.
    if (!(await this.account.keeper.mayOpen(relay))) return;
    if (this.#links.find(from) === undefined) await this.account.mayKnowMore(relay);
    // The relay's word on the sender is not trusted, only too little to be worth opening the body for.
    if (this.#links.find(from) === undefined) return;
    const last = this.#mail.get(id) ?? Promise.resolve();
    const taken = last.then(() => this.#handle(from, body, relay)).catch((error: unknown) => this.#deps.onFault(error));
    this.#mail.set(id, taken);
    await taken;
  }

  async #handle(from: DeviceId, body: SealedBody, relay: string): Promise<void> {
    if (!this.#deps.alive()) return;
    let opened;
    try {
      opened = await this.#opener.open(body);
    } catch (error) {
      if (error instanceof StoreError || !(error instanceof PalmkeyError)) throw error;
      if (error instanceof NotUnderstoodError) this.#notUnderstood(from, error);
      if (error instanceof ClockSkewError) await this.#refuseSkewed(from, error);
      return;
    }
    if (!equal(opened.sender.id, from)) return;
    // A head that this device has not seen is fetched before anything is done by the message.
    if (!(await this.account.met(opened.sender.id, opened.head))) return;
    const id = toHex(from);
    await this.moving.heardAt(id, relay);
    this.#links.heard(id);
    try {
      await this.#act(id, opened);
    } catch (error) {
      // Another tab has taken it and acts on it.
      if (!(error instanceof TakenElsewhereError)) throw error;
    }
  }

  /** Acts on what a computer said. The number of its message is stored before, or in the transaction that acts. */
  async #act(id: HexId, { content, sentAt }: Opened): Promise<void> {
    const speaking = this.#protocol(id) !== null;
    switch (content.kind) {
      case 'ask':
        if (speaking) await this.inbox.ask(id, content.request, sentAt);
        break;
      case 'settled':
        await this.inbox.settled(id, toHex(content.hash), content.outcome, content.by);
        break;
      case 'part':
        if (speaking) await this.inbox.part(id, toHex(content.hash), content.from, content.bytes);
        return;
      case 'here':
        await this.#replay.flush();
        await this.#onHere(id, content.name, content.software);
        break;
      case 'unpair':
        await this.#replay.flush();
        await this.#forget(id);
        break;
      case 'speaks':
        this.#speaks.set(id, content);
        break;
      case 'preview':
        // It is for a notification, where the request is not there; by this way the request comes itself.
        break;
      case 'consent':
        await this.#replay.flush();
        await this.account.consented(id, content);
        break;
      case 'received':
      case 'decision':
      case 'want':
      case 'enlist':
      case 'moved':
      case 'facts':
        // The opener's role table lets no computer send these.
        break;
    }
    await this.#replay.flush();
  }

  #notUnderstood(from: DeviceId, { sender }: NotUnderstoodError): void {
    if (!equal(sender.id, from)) return;
    this.#ahead.add(toHex(from));
    this.#deps.state.publish();
  }

  /** The version that this computer and the phone speak; null when there is none. */
  #protocol(id: HexId): number | null {
    const agreed = agreedProtocol(this.#deps.state.pairings.get(id)?.speaks ?? null);
    return agreed.is === 'speaking' ? agreed.protocol : null;
  }

  #update(id: HexId): 'computer' | 'phone' | null {
    const agreed = agreedProtocol(this.#deps.state.pairings.get(id)?.speaks ?? null);
    if (agreed.is === 'update-peer') return 'computer';
    return agreed.is === 'update-us' || this.#ahead.has(id) ? 'phone' : null;
  }

  async #refuseSkewed(from: DeviceId, { sender, content, skewMs }: ClockSkewError): Promise<void> {
    if (content.kind !== 'ask' || !equal(sender.id, from)) return;
    await this.inbox.refuseSkewed(toHex(from), content.request, skewMs);
  }

  async #onHere(id: HexId, name: string, software: string): Promise<void> {
    const lastSeenAt = this.#deps.ports.clock.now();
    const said = this.#speaks.get(id);
    this.#speaks.delete(id);
    await this.#changePairing(id, (row) => {
      // One that says nothing is from before versions were said, unless the very same program has said it.
      const same = row.software === software ? row.speaks : null;
      const speaks = said === undefined ? same : { from: said.from, to: said.to };
      return { ...row, hostName: name, software, lastSeenAt, speaks };
    });
    if (said !== undefined && said.answer !== true) await this.greetings.heard(id);
    await this.inbox.repeat(id);
    this.account.isThere(id);
    await this.moving.isThere(id);
  }

  async #onConnected(relay: string): Promise<void> {
    if (await this.account.keeper.connected(relay)) await this.#onReady(relay);
  }

  /** Connected, and nothing speaks against going on. */
  async #onReady(relay: string): Promise<void> {
    const computers = this.#links.computers(relay);
    // They may have moved with the account before this device did.
    if (relay === this.account.account.row.relay) await this.greetings.greet(this.moving.elsewhere(), { via: relay });
    // Connected for a pairing or an order: nobody there wakes this phone yet.
    if (computers.length === 0) return;
    if (this.#deps.registers) this.#run(() => this.waking.onConnected(relay));
    await this.greetings.greet(computers);
    for (const id of computers) {
      await this.inbox.repeat(id);
      // Admitted: the relay knows this device from now on.
      if (this.#deps.state.pairings.get(id)?.grant) await this.#changePairing(id, (row) => ({ ...row, grant: null }));
    }
  }

  /** A computer that this phone still knew, and that did not know it any more, is paired anew. */
  async #keepPairing(row: PairingRow): Promise<() => Promise<void>> {
    const before = this.#deps.state.pairings.get(row.id);
    await this.account.paired(row.id);
    await this.#putPairing({ ...row, givenName: before?.givenName ?? null, mutedUntil: before?.mutedUntil ?? null });
    return () => (before === undefined ? this.#forget(row.id) : this.#putPairing(before));
  }

  async #putPairing(row: PairingRow): Promise<void> {
    const { turns, state, store } = this.#deps;
    await turns.exclusively(async () => {
      await store.transact('write', ['pairings'], (transaction) => transaction.put('pairings', row));
      state.pairings.set(row.id, row);
    });
  }

  #begin(row: PairingRow): void {
    this.#links.add(row);
    if (this.#links.isConnected(row.id)) this.#run(() => this.#onConnected(row.relay));
  }

  /** Changes what is kept of a pairing, if it still stands. */
  async #changePairing(id: HexId, change: (row: PairingRow) => PairingRow): Promise<void> {
    const { turns, state, store } = this.#deps;
    await turns.exclusively(async () => {
      const row = state.pairings.get(id);
      if (row === undefined) return;
      const changed = change(row);
      await store.transact('write', ['pairings'], (transaction) => transaction.put('pairings', changed));
      state.pairings.set(id, changed);
    });
    state.publish();
  }

  /** A computer is at another relay from now on, which may wake this phone too. */
  async #settleAt(id: HexId, relay: string): Promise<void> {
    await this.#changePairing(id, (row) => ({ ...row, relay, grant: null }));
    this.#links.settle(id, relay);
    if (this.#deps.registers && this.#links.isConnected(id)) this.#run(() => this.waking.onConnected(relay));
  }

  async renameComputer(id: HexId, givenName: string): Promise<void> {
    await this.#changePairing(id, (row) => ({ ...row, givenName }));
  }

  /** Nothing of the computer is shown or signed until then (Infinity: until it is switched on); null: it may ask. */
  async mute(id: HexId, until: number | null): Promise<void> {
    await this.#changePairing(id, (row) => ({ ...row, mutedUntil: until }));
    if (until !== null) await this.inbox.refuseWaiting(id);
  }

  async #forget(id: HexId, byPerson = false): Promise<void> {
    const { turns, state, store, book } = this.#deps;
    const permissions = book.ids(({ computer }) => computer === id);
    book.drop(permissions);
    await turns.exclusively(async () => {
      if (!state.pairings.has(id)) return;
      await store.transact('write', ['pairings', 'permissions'], async (transaction) => {
        await transaction.delete('pairings', id);
        await book.revoke(transaction, permissions);
      });
      state.pairings.delete(id);
      this.#links.remove(id);
      this.greetings.forget(id);
      await this.inbox.forgetComputer(id);
    });
    await this.account.forgotten(id, byPerson);
    state.publish();
  }

  /** The computers' relays in the order of pairing, then the one that the app came from. */
  async #settle(at: (relay: string) => Promise<void>): Promise<void> {
    const { state, ports } = this.#deps;
    const pairings = [...state.pairings.values()].toSorted((a, b) => a.pairedAt - b.pairedAt);
    for (const relay of new Set([...pairings.map((row) => row.relay), ports.page.origin])) {
      try {
        await this.#links.during(relay, null, () => at(relay));
      } catch (error) {
        if (!isOfRelay(error)) throw error;
      }
    }
  }

  /** Takes the chain's word on the computers over. */
  async #apply({ added, ended, named }: ComputerChanges): Promise<void> {
    for (const id of ended) await this.#forget(id);
    for (const row of added) {
      await this.#putPairing(row);
      this.#begin(row);
    }
    for (const { id, hostName } of named) await this.#changePairing(id, (row) => ({ ...row, hostName }));
  }

  #run(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      // Another tab goes on, with what the store has.
      if (this.#deps.alive() && !(error instanceof TakenElsewhereError)) this.#deps.onFault(error);
    });
  }
}
