import type { Content, Opened, Previewed } from '@palmkey/core/messages';
import { ClockSkewError, NotUnderstoodError, type Opener } from '@palmkey/core/messages';
import type { DeviceId, SealedBody } from '@palmkey/envelope';
import { PalmkeyError, equal, toHex } from '@palmkey/envelope';
import type { HexId } from '../model/hex-id.ts';
import { StoreError } from '../store/store.ts';
import type { AccountDesk } from './account/account-desk.ts';
import type { ComputerBook } from './computer-book.ts';
import type { Inbox } from './inbox.ts';
import type { MoveDesk } from './moving/move-desk.ts';
import type { PhoneState } from './phone-state.ts';
import type { Clock } from './ports.ts';
import type { RelayLinks } from './relay-links.ts';
import { isMuted } from './request-ledger.ts';
import { TakenElsewhereError, type StoredReplay } from './replay-store.ts';

/** A request as its computer previews it (spec/requests.md, "Previews"): claims. */
export interface Preview {
  readonly computer: string;
  readonly hash: HexId;
  readonly of: Previewed;
}

interface IncomingDeps {
  readonly clock: Clock;
  readonly state: PhoneState;
  readonly opener: Opener;
  readonly replay: StoredReplay;
  readonly links: Pick<RelayLinks, 'find' | 'heard'>;
  readonly computers: ComputerBook;
  readonly inbox: Inbox;
  readonly account: AccountDesk;
  readonly moving: MoveDesk;
  readonly onHere: (id: HexId, here: Extract<Content, { kind: 'here' }>) => Promise<void>;
  readonly onUnpair: (id: HexId) => Promise<void>;
  /** False once another tab answers. */
  readonly alive: () => boolean;
  readonly onFault: (error: unknown) => void;
}

/** What computers send: opened in order, and given to whoever acts on it. */
export class Incoming {
  readonly #deps: IncomingDeps;
  /** What comes from one computer is taken in order. */
  readonly #mail = new Map<HexId, Promise<void>>();

  constructor(deps: IncomingDeps) {
    this.#deps = deps;
  }

  /** Resolves when it was acted on. */
  async receive(from: DeviceId, body: SealedBody, relay: string): Promise<void> {
    const { account, links, onFault } = this.#deps;
    const id = toHex(from);
    // Head first, then mail: what comes from a device that was taken out meanwhile is not opened.
    if (!(await account.keeper.mayOpen(relay))) return;
    if (links.find(from) === undefined) await account.mayKnowMore(relay);
    // The relay's word on the sender is not trusted, only too little to be worth opening the body for.
    if (links.find(from) === undefined) return;
    const last = this.#mail.get(id) ?? Promise.resolve();
    const taken = last.then(() => this.#handle(from, body, relay)).catch(onFault);
    this.#mail.set(id, taken);
    await taken;
  }

  /**
   * Opens what was pushed: the computer's word on a request, by which nothing is decided. Null for what does not open, is
   * something else, or comes from a computer that is muted.
   */
  async openPreview(body: SealedBody): Promise<Preview | null> {
    const { clock, opener, replay, state } = this.#deps;
    try {
      const { sender, content } = await opener.open(body);
      await replay.flush();
      const id = toHex(sender.id);
      if (content.kind !== 'preview' || isMuted(state.pairings.get(id)?.mutedUntil ?? null, clock.now())) return null;
      return { computer: state.computerName(id), hash: toHex(content.hash), of: content.of };
    } catch (error) {
      if (error instanceof StoreError || !(error instanceof PalmkeyError)) throw error;
      return null;
    }
  }

  async #handle(from: DeviceId, body: SealedBody, relay: string): Promise<void> {
    const { account, alive, computers, links, moving, opener } = this.#deps;
    if (!alive()) return;
    let opened;
    try {
      opened = await opener.open(body);
    } catch (error) {
      if (error instanceof StoreError || !(error instanceof PalmkeyError)) throw error;
      if (error instanceof NotUnderstoodError && equal(error.sender.id, from)) computers.notUnderstood(toHex(from));
      if (error instanceof ClockSkewError) await this.#refuseSkewed(from, error);
      return;
    }
    if (!equal(opened.sender.id, from)) return;
    // A head that this device has not seen is fetched before anything is done by the message.
    if (!(await account.met(opened.sender.id, opened.head))) return;
    const id = toHex(from);
    await moving.heardAt(id, relay);
    links.heard(id);
    computers.clocks.inTime(id);
    try {
      await this.#act(id, opened);
    } catch (error) {
      // Another tab has taken it and acts on it.
      if (!(error instanceof TakenElsewhereError)) throw error;
    }
  }

  /** Acts on what a computer said. The number of its message is stored before, or in the transaction that acts. */
  async #act(id: HexId, { content, sentAt }: Opened): Promise<void> {
    const { account, computers, inbox, replay } = this.#deps;
    const speaking = computers.protocol(id) !== null;
    switch (content.kind) {
      case 'ask':
        if (speaking) await inbox.ask(id, content.request, sentAt);
        break;
      case 'settled':
        await inbox.settled(id, toHex(content.hash), content.outcome, content.by);
        break;
      case 'part':
        if (speaking) await inbox.part(id, toHex(content.hash), content.from, content.bytes);
        return;
      case 'here':
        await replay.flush();
        await this.#deps.onHere(id, content);
        break;
      case 'unpair':
        await replay.flush();
        await this.#deps.onUnpair(id);
        break;
      case 'speaks':
        computers.spoke(id, content);
        break;
      case 'preview':
        // It is for a notification, where the request is not there; by this way the request comes itself.
        break;
      case 'consent':
        await replay.flush();
        await account.consented(id, content);
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
    await replay.flush();
  }

  async #refuseSkewed(from: DeviceId, { sender, content, skewMs }: ClockSkewError): Promise<void> {
    if (!equal(sender.id, from)) return;
    this.#deps.computers.clocks.skewed(toHex(from), content.kind, skewMs);
    if (content.kind !== 'ask') return;
    await this.#deps.inbox.refuseSkewed(toHex(from), content.request, skewMs);
  }
}
