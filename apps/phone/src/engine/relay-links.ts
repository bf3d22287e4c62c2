import type { Content, Sealer } from '@palmkey/core/messages';
import type { DeviceKeys, Peer, PeerDirectory } from '@palmkey/core/devices';
import { parseDeviceName, publicDevice } from '@palmkey/core/devices';
import type { AccountDataWord, ChainHead, DeviceId, Grant, PushRegistration, SealedBody } from '@palmkey/envelope';
import { PalmkeyError, parseAgreementPublicKey, parseGrant, parseSigningPublicKey, toHex } from '@palmkey/envelope';
import type { Outbox } from '@palmkey/relay-client';
import type { HexId } from '../model/hex-id.ts';
import type { PairingRow } from '../store/schema.ts';
import type { Reach } from './phone-state.ts';
import type { Carriage, ChainOrders, EnginePorts, RelayLink } from './ports.ts';
import type { StoredOutboxes } from './stored-outbox.ts';
import { NotConnectedError, untilAdmitted } from './until-admitted.ts';

/** How long a greeting may go unanswered by the relay before the computer counts as there. */
const ABSENT_WITHIN_MS = 2_000;

/** What the links tell and ask. */
export interface RelayLinksHooks {
  readonly onBody: (from: DeviceId, body: SealedBody, relay: string) => Promise<void>;
  /** This device is connected to the relay of these computers: time to greet and to repeat. */
  readonly onConnected: (relay: string) => void;
  /** It is not any more, for this reason. */
  readonly onLost: (relay: string, problem: string | null) => void;
  readonly onChainHead: (relay: string, head: ChainHead) => void;
  readonly onPresence: (relay: string, device: DeviceId) => void;
  readonly onAccountData: (relay: string, word: AccountDataWord) => void;
  readonly onChange: () => void;
}

interface Contact {
  readonly peer: Peer;
  relay: string;
  there: 'unknown' | 'here' | 'absent';
  /** Messages to one computer are sealed and sent in order. */
  last: Promise<void>;
}

/** The connections to the relays of all pairings, and the way to each paired computer. Also the peer directory. */
export class RelayLinks implements PeerDirectory {
  readonly #ports: EnginePorts;
  readonly #device: DeviceKeys;
  readonly #sealer: Sealer;
  readonly #outboxes: StoredOutboxes;
  readonly #hooks: RelayLinksHooks;
  readonly #links = new Map<string, RelayLink>();
  readonly #contacts = new Map<HexId, Contact>();
  /** How many pairings and orders need a relay that no computer needs yet. */
  readonly #held = new Map<string, number>();
  readonly #closed = new AbortController();

  constructor(
    ports: EnginePorts,
    device: DeviceKeys,
    sealer: Sealer,
    outboxes: StoredOutboxes,
    hooks: RelayLinksHooks,
  ) {
    this.#ports = ports;
    this.#device = device;
    this.#sealer = sealer;
    this.#outboxes = outboxes;
    this.#hooks = hooks;
  }

  /** Connects to the relays that something was left to be sent to. */
  start(): void {
    for (const relay of this.#outboxes.relays()) this.#connect(relay, null);
  }

  find(id: DeviceId): Peer | undefined {
    return this.#contacts.get(toHex(id))?.peer;
  }

  /** Knows the computer from now on, and connects to its relay if that is not so yet. */
  add(row: PairingRow): void {
    this.#contacts.set(row.id, { peer: peerOf(row), relay: row.relay, there: 'unknown', last: Promise.resolve() });
    this.#connect(row.relay, row.grant === null ? null : parseGrant(row.grant));
  }

  /** Connects to a relay for as long as a pairing or an order takes; what it returns ends that. */
  hold(relay: string, grant: Grant | null): () => void {
    this.#held.set(relay, (this.#held.get(relay) ?? 0) + 1);
    this.#connect(relay, grant);
    return () => {
      this.#held.set(relay, (this.#held.get(relay) ?? 1) - 1);
      this.#closeUnused(relay);
    };
  }

  /** The computer is reached at another relay from now on. */
  settle(id: HexId, relay: string): void {
    const contact = this.#contacts.get(id);
    if (contact === undefined || contact.relay === relay) return;
    const former = contact.relay;
    contact.relay = relay;
    contact.there = 'unknown';
    this.#connect(relay, null);
    this.#closeUnused(former);
  }

  /** Forgets the computer at once; the relay's connection closes with its last one. */
  remove(id: HexId): void {
    const contact = this.#contacts.get(id);
    if (contact === undefined) return;
    this.#contacts.delete(id);
    this.#closeUnused(contact.relay);
  }

  /**
   * Seals and hands over, after what went to this computer before; drops it when there is no connection, unless it is
   * for the outbox. `still` is asked in the turn in which it would leave: false, and nothing left, when it says no. `via`
   * is another relay than the one where the computer is known to be.
   */
  send(
    id: HexId,
    content: Content,
    how: Carriage = {},
    still: () => boolean = () => true,
    via: string | null = null,
  ): Promise<boolean> {
    const contact = this.#contacts.get(id);
    if (contact === undefined) return Promise.resolve(still());
    const sent = contact.last.then(async () => {
      const relay = via ?? contact.relay;
      const link = this.#links.get(relay);
      const { durable, lifetimeMs = 0 } = how;
      if (link === undefined || (durable !== true && link.state.is !== 'connected')) return still();
      // What waits here may be read as late as its lifetime says.
      const body = await this.#sealer.seal([contact.peer], content, durable === true ? { lifetimeMs } : {});
      if (!still()) return false;
      link.send(contact.peer.id, body, how);
      if (durable === true) await this.#outboxOf(relay).idle();
      return true;
    });
    contact.last = sent.then(
      () => undefined,
      () => undefined,
    );
    return sent;
  }

  /** Shows a relay that refuses this device a grant, and tries again. */
  admit(relay: string, grant: Grant): void {
    this.#connect(relay, grant);
  }

  /** Orders about chains at a relay; null while there is no connection to it. */
  chainAt(relay: string): ChainOrders | null {
    const link = this.#links.get(relay);
    return link?.state.is === 'connected' ? link.chain : null;
  }

  /** Whether a relay has ended this device's connection since it has another one: the same relay, by another address. */
  isReplaced(relay: string): boolean {
    const state = this.#links.get(relay)?.state;
    return state?.is === 'refused' && state.problem === 'replaced';
  }

  /** Connects again where that was so. */
  takeBack(relay: string): void {
    this.#links.get(relay)?.reconnectNow();
  }

  /** Tells a relay how this device is woken, if it is connected; rejects when it refuses. */
  async pushRegister(relay: string, registration: PushRegistration | null): Promise<void> {
    const link = this.#links.get(relay);
    if (link?.state.is === 'connected') await link.pushRegister(registration);
  }

  /** Connects to a relay to see whether it lets this device in without a grant; null where it says neither. */
  async isKnownAt(relay: string): Promise<boolean | null> {
    try {
      await this.during(relay, null, () => Promise.resolve());
      return true;
    } catch (error) {
      if (!(error instanceof PalmkeyError)) throw error;
      return error.code === 'not-admitted' || error.code === 'removed' ? false : null;
    }
  }

  /** Shows a relay of no computer a grant, and waits until it has let this device in; rejects when it does not. */
  async enter(relay: string, grant: Grant): Promise<void> {
    await this.during(relay, grant, () => Promise.resolve());
  }

  /** Lets one device into this device's account at a relay; rejects when it refuses, or cannot be reached. */
  async invite(relay: string, grantHash: Uint8Array, lifetimeS: number): Promise<void> {
    await this.during(relay, null, (link) => link.invite(grantHash, lifetimeS));
  }

  /**
   * Connected to a relay for one order, also where no computer needs it. Rejects when it refuses, or is not reached; the
   * signal ends the waiting for that.
   */
  async during<R>(
    relay: string,
    grant: Grant | null,
    order: (link: RelayLink) => Promise<R>,
    signal?: AbortSignal,
  ): Promise<R> {
    const release = this.hold(relay, grant);
    try {
      const link = this.#links.get(relay);
      if (link === undefined) throw new NotConnectedError('no link');
      if (link.state.is === 'waiting' || link.state.is === 'refused') link.reconnectNow();
      await untilAdmitted(link, this.#ports.clock, signal);
      return await order(link);
    } finally {
      release();
    }
  }

  /** Something opened that came from this computer: it is there. */
  heard(id: HexId): void {
    this.#mark(id, 'here');
  }

  /** After greeting: unless the relay says that the computer is absent, it is there. */
  async assumeThere(id: HexId): Promise<void> {
    await this.#ports.clock.after(ABSENT_WITHIN_MS, this.#closed.signal).catch(() => undefined);
    const contact = this.#contacts.get(id);
    if (contact?.there === 'unknown' && this.#links.get(contact.relay)?.state.is === 'connected')
      this.#mark(id, 'here');
  }

  /** How the computer is reached, for its screen. */
  reach(id: HexId): Reach {
    const contact = this.#contacts.get(id);
    const link = contact === undefined ? undefined : this.#links.get(contact.relay);
    if (contact === undefined || link === undefined) return { reach: 'offline', problem: null };
    switch (link.state.is) {
      case 'connected':
        return { reach: contact.there === 'here' ? 'here' : 'relay-only', problem: null };
      case 'connecting':
        return { reach: 'connecting', problem: null };
      case 'refused':
        return { reach: 'refused', problem: link.state.problem };
      case 'waiting':
      case 'closed':
        return { reach: 'offline', problem: link.state.problem };
    }
  }

  /** The paired computers behind a relay, or all of them. */
  computers(relay?: string): readonly HexId[] {
    return [...this.#contacts]
      .filter(([, contact]) => relay === undefined || contact.relay === relay)
      .map(([id]) => id);
  }

  /** Tries now rather than later; a connection that seems to stand is tested. */
  reconnectNow(): void {
    for (const link of this.#links.values()) link.reconnectNow();
  }

  /** Whether this device is connected to the relay of the computer. */
  isConnected(id: HexId): boolean {
    const contact = this.#contacts.get(id);
    return contact !== undefined && this.#links.get(contact.relay)?.state.is === 'connected';
  }

  close(): void {
    this.#closed.abort();
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#contacts.clear();
  }

  #outboxOf(relay: string): Outbox {
    return this.#outboxes.of(relay, () => this.#ports.clock.now());
  }

  /** A relay is of use to a pairing or an order that is under way, to a computer, and to what is still to be sent. */
  #closeUnused(relay: string): void {
    if ((this.#links.get(relay)?.unsettled ?? 0) > 0) return;
    if ((this.#held.get(relay) ?? 0) > 0) return;
    if ([...this.#contacts.values()].some((contact) => contact.relay === relay)) return;
    this.#links.get(relay)?.close();
    this.#links.delete(relay);
  }

  #connect(relay: string, grant: Grant | null): void {
    const standing = this.#links.get(relay);
    if (standing !== undefined) {
      if (grant === null || standing.state.is === 'connected') return;
      standing.setGrant(grant);
      standing.reconnectNow();
      return;
    }
    const link = this.#ports.connectRelay(relay, this.#device, grant, this.#outboxOf(relay));
    this.#links.set(relay, link);
    link.onBody((from, body) => this.#hooks.onBody(from, body, relay));
    link.onChainHead((head) => this.#hooks.onChainHead(relay, head));
    link.onAccountData((word) => this.#hooks.onAccountData(relay, word));
    link.onUndelivered((to, code) => {
      if (code === 'absent') this.#mark(toHex(to), 'absent');
      this.#closeUnused(relay);
    });
    link.onPresence((device, present) => {
      const isAt = this.#contacts.get(toHex(device))?.relay === relay;
      if (isAt) this.#mark(toHex(device), present ? 'here' : 'absent');
      if (present) this.#hooks.onPresence(relay, device);
    });
    link.onSettled(() => this.#closeUnused(relay));
    link.onState((state) => {
      if (this.#links.get(relay) !== link) return;
      for (const contact of this.#contacts.values()) if (contact.relay === relay) contact.there = 'unknown';
      if (state.is === 'connected') this.#hooks.onConnected(relay);
      else if (state.is !== 'connecting') this.#hooks.onLost(relay, state.problem);
      this.#hooks.onChange();
    });
    link.start();
  }

  #mark(id: HexId, there: 'here' | 'absent'): void {
    const contact = this.#contacts.get(id);
    if (contact === undefined || contact.there === there) return;
    contact.there = there;
    this.#hooks.onChange();
  }
}

/** A paired computer as core knows peers: it asks. */
function peerOf(row: PairingRow): Peer {
  const device = publicDevice(parseSigningPublicKey(row.signingKey), parseAgreementPublicKey(row.agreementKey));
  return { ...device, name: parseDeviceName(row.hostName), role: 'asks' };
}
