import type { RendezvousChannel } from '@palmkey/core/pairing';
import type {
  AccountDataWord,
  ChainHead,
  ConnectNonce,
  DeviceId,
  PushRegistration,
  RelayErrorCode,
  SealedBody,
} from '@palmkey/envelope';
import { parseConnectNonce, RelayError, toHex } from '@palmkey/envelope';
import type { Outbox } from '@palmkey/relay-client';
import type { Carriage, ChainOrders, LinkState, RelayLink } from '../ports.ts';
import type { RelayFacts } from '../relay-facts.ts';
import { NotConnectedError } from '../until-admitted.ts';
import { FakeChains } from './fake-chains.ts';

type Receive = (from: DeviceId, body: SealedBody) => unknown;

/** What every relay here gives for a sign-in. */
export const signInNonce = parseConnectNonce(new Uint8Array(32).fill(7));

/** A relay in memory: forwards, says `absent`, can be down, and can play messages again. */
export class FakeRelay {
  readonly #present = new Map<string, Receive>();
  readonly #links = new Set<FakeLink>();
  readonly #rendezvous = new Map<string, FakeRendezvous>();
  /** Everything that was handed over, oldest first. */
  readonly carried: { readonly from: DeviceId; readonly to: DeviceId; readonly body: SealedBody }[] = [];
  readonly chains = new FakeChains(
    ({ by, head, active, revoked }) => {
      for (const link of this.#links) {
        if (revoked.some((id) => link.isOf(id))) link.remove();
        else if (!link.isOf(by) && active.some((id) => link.isOf(id))) link.sayHead(head);
      }
    },
    ({ by, word, members }) => {
      for (const link of this.#links) {
        if (!link.isOf(by) && members.some((id) => link.isOf(id))) link.sayData(word);
      }
    },
  );
  up = true;
  /** It lets anybody in, also who was removed from an account. */
  isOpen = false;
  /** How it refuses who has not shown {@link goodGrant}. */
  refuses: RelayErrorCode | null = null;
  /** Hexadecimal. */
  goodGrant: string | null = null;
  /** A named fault, when false: it takes no sign-in that begins at this app's address. */
  knowsApp = true;
  /** What it says of itself. */
  facts: RelayFacts = { admission: ['open'], own: false, pushKey: null };
  /** A named fault: how it refuses registrations for push. */
  pushFault: 'push-refused' | null = null;
  /** What it was told of how to wake the device, oldest first. */
  readonly registrations: (PushRegistration | null)[] = [];
  readonly invitations: { readonly grantHash: string; readonly lifetimeS: number }[] = [];
  /** How often a device had it forget its account. */
  forgotten = 0;
  /** How many connections to it were begun. */
  dialled = 0;
  /** Grants that devices showed, hexadecimal. */
  readonly grants: string[] = [];

  /** What it gives for a sign-in. */
  get signInNonce(): ConnectNonce | 'wrong-origin' | null {
    if (!this.up) return null;
    return this.knowsApp ? signInNonce : 'wrong-origin';
  }

  join(id: DeviceId, receive: Receive): void {
    this.#present.set(toHex(id), receive);
  }

  /** A device has one connection here: a new one ends the other. */
  replace(by: FakeLink): void {
    for (const link of this.#links) if (link !== by && link.isOfSame(by)) link.beReplaced();
  }

  leave(id: DeviceId): void {
    this.#present.delete(toHex(id));
  }

  /** How many devices are connected. */
  get present(): number {
    return this.#present.size;
  }

  /** Says to every device that another one is connected, or gone. */
  sayPresence(id: DeviceId, present: boolean): void {
    for (const link of this.#links) link.sayPresence(id, present);
  }

  has(id: DeviceId): boolean {
    return this.#present.has(toHex(id));
  }

  /** False if the recipient is absent. */
  carry(from: DeviceId, to: DeviceId, body: SealedBody): boolean {
    const receive = this.#present.get(toHex(to));
    if (receive === undefined || !this.up) return false;
    this.carried.push({ from, to, body });
    queueMicrotask(() => receive(from, body));
    return true;
  }

  link(id: DeviceId, outbox: Outbox): FakeLink {
    this.dialled += 1;
    const link = new FakeLink(this, id, outbox);
    this.#links.add(link);
    return link;
  }

  /** Every connection ends; devices try again. */
  goDown(): void {
    this.up = false;
    for (const link of this.#links) link.lose();
  }

  comeUp(): void {
    this.up = true;
    for (const link of this.#links) link.reconnectNow();
  }

  /** One side's view of a rendezvous; two sides of the same key share it. */
  meet(id: Uint8Array): RendezvousChannel {
    const rendezvous = this.#rendezvous.get(toHex(id)) ?? new FakeRendezvous();
    this.#rendezvous.set(toHex(id), rendezvous);
    return rendezvous.side();
  }
}

/** A device's connection to a {@link FakeRelay}. */
export class FakeLink implements RelayLink {
  readonly #relay: FakeRelay;
  readonly #id: DeviceId;
  readonly #outbox: Outbox;
  #lastNumber = 0;
  #state: LinkState = { is: 'connecting', problem: null };
  readonly #onState = new Set<(state: LinkState) => void>();
  #onBody: Receive = () => undefined;
  #onUndelivered: (to: DeviceId, code: string) => void = () => undefined;
  #onPresence: (device: DeviceId, present: boolean) => void = () => undefined;
  #onSettled: () => void = () => undefined;
  #onChainHead: (head: ChainHead) => void = () => undefined;
  #onAccountData: (word: AccountDataWord) => void = () => undefined;

  constructor(relay: FakeRelay, id: DeviceId, outbox: Outbox) {
    this.#relay = relay;
    this.#id = id;
    this.#outbox = outbox;
  }

  get state(): LinkState {
    return this.#state;
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#onState.add(listener);
    return () => this.#onState.delete(listener);
  }

  onBody(listener: Receive): void {
    this.#onBody = listener;
  }

  onUndelivered(listener: (to: DeviceId, code: string) => void): void {
    this.#onUndelivered = listener;
  }

  onPresence(listener: (device: DeviceId, present: boolean) => void): void {
    this.#onPresence = listener;
  }

  onSettled(listener: () => void): void {
    this.#onSettled = listener;
  }

  onChainHead(listener: (head: ChainHead) => void): void {
    this.#onChainHead = listener;
  }

  onAccountData(listener: (word: AccountDataWord) => void): void {
    this.#onAccountData = listener;
  }

  get chain(): ChainOrders {
    return this.#relay.chains.ordersOf(this.#id);
  }

  isOf(id: DeviceId): boolean {
    return toHex(id) === toHex(this.#id);
  }

  isOfSame(other: FakeLink): boolean {
    return other.isOf(this.#id);
  }

  /** The relay has another connection of this device. */
  beReplaced(): void {
    if (this.#state.is === 'connected') this.#enter({ is: 'refused', problem: 'replaced' });
  }

  /** The relay says that the chain has another head. */
  sayHead(head: ChainHead): void {
    if (this.#state.is === 'connected') queueMicrotask(() => this.#onChainHead(head));
  }

  /** The relay says that account data was written. */
  sayData(word: AccountDataWord): void {
    if (this.#state.is === 'connected') queueMicrotask(() => this.#onAccountData(word));
  }

  /** The relay does not know this device any more. */
  remove(): void {
    if (this.#state.is !== 'connected') return;
    this.#relay.leave(this.#id);
    this.#enter({ is: 'refused', problem: 'removed' });
  }

  get unsettled(): number {
    return this.#outbox.size;
  }

  /** What the relay says of another device. */
  sayPresence(device: DeviceId, present: boolean): void {
    this.#onPresence(device, present);
  }

  start(): void {
    queueMicrotask(() => this.reconnectNow());
  }

  close(): void {
    if (this.#state.is === 'connected') this.#relay.leave(this.#id);
    this.#state = { is: 'closed', problem: null };
    for (const listener of [...this.#onState]) listener(this.#state);
  }

  reconnectNow(): void {
    if (this.#state.is === 'closed' || this.#state.is === 'connected' || !this.#relay.up) return;
    const { refuses, goodGrant, grants, isOpen } = this.#relay;
    if (this.#relay.chains.isRevoked(this.#id) && !isOpen) {
      this.#enter({ is: 'refused', problem: 'removed' });
      return;
    }
    if (refuses !== null && (goodGrant === null || !grants.includes(goodGrant))) {
      this.#enter({ is: 'refused', problem: refuses });
      return;
    }
    this.#relay.replace(this);
    this.#relay.join(this.#id, (from, body) => {
      if (this.#state.is === 'connected') this.#onBody(from, body);
    });
    this.#enter({ is: 'connected', problem: null });
  }

  lose(): void {
    if (this.#state.is !== 'connected') return;
    this.#relay.leave(this.#id);
    this.#enter({ is: 'waiting', problem: 'not-connected' });
  }

  setGrant(grant: Uint8Array): void {
    this.#relay.grants.push(toHex(grant));
  }

  deleteAccount(): Promise<void> {
    this.#relay.chains.forget();
    this.#relay.forgotten += 1;
    this.remove();
    return Promise.reject(new NotConnectedError('removed'));
  }

  pushRegister(registration: PushRegistration | null): Promise<void> {
    if (this.#relay.pushFault !== null) return Promise.reject(new RelayError(this.#relay.pushFault));
    this.#relay.registrations.push(registration);
    return Promise.resolve();
  }

  invite(grantHash: Uint8Array, lifetimeS: number): Promise<void> {
    this.#relay.invitations.push({ grantHash: toHex(grantHash), lifetimeS });
    return Promise.resolve();
  }

  openRendezvous(): Promise<void> {
    return Promise.resolve();
  }

  closeRendezvous(): Promise<void> {
    return Promise.resolve();
  }

  allocateNameplate(): Promise<number> {
    return Promise.reject(new RelayError('no-rendezvous'));
  }

  send(to: DeviceId, body: SealedBody, how: Carriage = {}): void {
    if (how.durable === true) {
      const number = ++this.#lastNumber;
      void this.#outbox.put({ number, to, body, expiresAt: Infinity }).then(() => this.#sendDurable());
      return;
    }
    if (!this.#relay.carry(this.#id, to, body)) queueMicrotask(() => this.#onUndelivered(to, 'absent'));
  }

  /** To who is there; the relay keeps the rest, and says so. */
  #sendDurable(): void {
    if (this.#state.is !== 'connected') return;
    for (const { number, to, body } of this.#outbox.messages()) {
      if (to !== null) this.#relay.carry(this.#id, to, body);
      this.#outbox.remove(number);
    }
    queueMicrotask(() => this.#onSettled());
  }

  #enter(state: LinkState): void {
    this.#state = state;
    for (const listener of [...this.#onState]) listener(state);
    this.#sendDurable();
  }
}

class FakeRendezvous {
  readonly #sides: { readonly inbox: Uint8Array[]; wake: () => void }[] = [];
  readonly #all: { readonly by: object; readonly message: Uint8Array }[] = [];

  side(): RendezvousChannel {
    const me = { inbox: this.#all.map(({ message }) => message), wake: (): void => undefined };
    this.#sides.push(me);
    return {
      post: (message) => {
        this.#all.push({ by: me, message });
        for (const side of this.#sides) {
          if (side === me) continue;
          side.inbox.push(message);
          side.wake();
        }
        return Promise.resolve();
      },
      next: async (signal) => {
        for (;;) {
          if (signal.aborted) throw new Error('aborted');
          const message = me.inbox.shift();
          if (message !== undefined) return message;
          await new Promise<void>((resolve) => {
            me.wake = resolve;
            signal.addEventListener('abort', () => resolve(), { once: true });
          });
        }
      },
    };
  }
}
