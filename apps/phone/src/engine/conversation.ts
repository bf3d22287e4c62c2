import type { DeviceKeys } from '@palmkey/core/devices';
import { Opener, Sealer } from '@palmkey/core/messages';
import type { HexId } from '../model/hex-id.ts';
import type { PermissionGrant } from '../model/model.ts';
import type { NoticesRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account/account.ts';
import { AccountDesk } from './account/account-desk.ts';
import { AccountError, isOfRelay } from './account/account-error.ts';
import { SharedShelf } from './account/shared-shelf.ts';
import { ComputerBook } from './computer-book.ts';
import { ComputerDesk } from './computer-desk.ts';
import { Greetings } from './greetings.ts';
import { Inbox } from './inbox.ts';
import { Incoming } from './incoming.ts';
import { LaterLetInFlow } from './joining/later-flows.ts';
import type { LetInFlowDeps } from './joining/let-in-flow.ts';
import { MoveDesk, type MoveDeskDeps } from './moving/move-desk.ts';
import { PairingFlow } from './pairing-flow.ts';
import type { PermissionBook } from './permissions/permission-book.ts';
import type { PhoneState } from './phone-state.ts';
import type { EnginePorts } from './ports.ts';
import { RelayAdmission } from './relay-admission.ts';
import { RelayLinks } from './relay-links.ts';
import { StoredReplay, TakenElsewhereError } from './replay-store.ts';
import { StoredOutboxes } from './stored-outbox.ts';
import type { Turns } from './turns.ts';
import { Waking } from './waking.ts';

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

/**
 * This device talking with its computers: its parts, put together. Long, since what each of them is given stands here.
 */
export class Conversation {
  readonly computers: ComputerBook;
  readonly greetings: Greetings;
  readonly incoming: Incoming;
  readonly inbox: Inbox;
  readonly pairing: PairingFlow;
  readonly waking: Waking;
  readonly admission: RelayAdmission;
  readonly account: AccountDesk;
  readonly moving: MoveDesk;
  readonly desk: ComputerDesk;
  readonly #deps: ConversationDeps;
  readonly #device: DeviceKeys;
  readonly #links: RelayLinks;

  private constructor(deps: ConversationDeps, device: DeviceKeys, account: Account, { replay, outboxes, shelf }: Kept) {
    const { ports, state } = deps;
    this.#deps = deps;
    this.#device = device;
    const { primitives, clock } = ports;
    this.computers = new ComputerBook({ ...deps, clock, permissions: deps.book });
    this.#links = new RelayLinks(
      ports,
      device,
      new Sealer({ primitives, device, clock, chain: () => account.state }),
      outboxes,
      {
        onBody: (from, body, relay) => this.incoming.receive(from, body, relay),
        onConnected: (relay) => this.#run(() => this.desk.connected(relay)),
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
    this.inbox = new Inbox({
      ...deps,
      replay,
      device: device.id,
      send: (host, content, how, still) => this.#links.send(host, content, how, still),
      protocol: (host) => this.computers.protocol(host),
      onDue: (work) => this.#run(work),
    });
    this.pairing = new PairingFlow({
      ports,
      state,
      device,
      links: this.#links,
      keep: (row) => this.desk.keep(row),
      begin: (row) => this.desk.begin(row),
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
      changePairing: (id, change) => this.computers.change(id, change),
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
      protocol: (id) => this.computers.protocol(id),
      send: (id, content) => this.#links.send(id, content),
      apply: (changes) => this.desk.apply(changes),
      settle: (at) => this.#settle(at),
      onReady: (relay) => this.#run(() => this.desk.ready(relay)),
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
      protocol: (id) => this.computers.protocol(id),
      send: (id, content, how) => this.#links.send(id, content, how),
      settle: (id, relay) => this.desk.settle(id, relay),
      onState: () => this.account.takeOver(),
      onChange: () => state.publish(),
      run: (work) => this.#run(work),
    });
    this.desk = new ComputerDesk({
      state,
      links: this.#links,
      computers: this.computers,
      greetings: this.greetings,
      inbox: this.inbox,
      waking: this.waking,
      account: this.account,
      moving: this.moving,
      registers: deps.registers,
      run: (work) => this.#run(work),
    });
    this.incoming = new Incoming({
      ...deps,
      clock,
      replay,
      opener: new Opener({ primitives, device, role: 'decides', peers: this.#links, replay, clock }),
      links: this.#links,
      computers: this.computers,
      inbox: this.inbox,
      account: this.account,
      moving: this.moving,
      onHere: (id, here) => this.desk.here(id, here),
      onUnpair: (id) => this.desk.forget(id),
    });
    state.account = () => this.account.view();
    state.allHistory = () => this.account.shared.history();
    deps.book.mayAnswer = () => this.account.mayAnswer;
    deps.book.settled = () => this.account.shared.settled();
    state.waiting = () => this.inbox.views();
    state.waitingCount = () => this.inbox.waitingCount;
    state.reach = (id) => this.#links.reach(id);
    state.standing = (id) => ({
      update: this.computers.update(id),
      flooded: this.inbox.flooded(id),
      skewMs: this.computers.clocks.of(id),
    });
  }

  /** Takes up what the store holds and connects. Throws a StoreError; then nothing is connected any more. */
  static async start(deps: ConversationDeps, device: DeviceKeys, account: Account): Promise<Conversation> {
    const replay = await StoredReplay.open(deps.store, deps.ports.clock.now());
    const outboxes = await StoredOutboxes.open(deps.store);
    const shelf = await SharedShelf.open(deps.store, deps.turns);
    const conversation = new Conversation(deps, device, account, { replay, outboxes, shelf });
    try {
      await conversation.#begin();
    } catch (error) {
      conversation.close();
      throw error;
    }
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

  /** Answers a request; false where that did not count. Throws an `AccountError` where nothing may be decided. */
  async decide(hash: HexId, decision: 'approve' | 'reject' | 'pass', permission?: PermissionGrant): Promise<boolean> {
    this.account.keeper.checkMayDecide();
    return this.inbox.decide(hash, decision, permission);
  }

  /** Tells the relays anew how this phone is woken. */
  async registerAnew(): Promise<void> {
    const relays = new Set([...this.#deps.state.pairings.values()].map(({ relay }) => relay));
    for (const relay of relays) await this.waking.onConnected(relay);
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

  async #begin(): Promise<void> {
    await this.inbox.load();
    for (const pairing of this.#deps.state.pairings.values()) this.#links.add(pairing);
    this.#links.start();
    await this.account.start();
    await this.moving.start();
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

  #run(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      // Another tab goes on, with what the store has.
      if (this.#deps.alive() && !(error instanceof TakenElsewhereError)) this.#deps.onFault(error);
    });
  }
}
