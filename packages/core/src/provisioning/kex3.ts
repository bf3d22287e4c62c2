import type { AccountId, RendezvousId, RendezvousSender } from '@palmkey/envelope';
import { equal, parseRendezvousSender, toHex } from '@palmkey/envelope';
import { type CpaceMessage, CpaceSide } from '../crypto/cpace.ts';
import { constantTimeEqual, ShareError } from '../crypto/index.ts';
import { type Deadline, withDeadline } from '../timing/deadline.ts';
import { KexError, type KexFault } from './errors.ts';
import {
  confirmationOf,
  cpaceInputs,
  encodeIdentity,
  encodeShare,
  type Identity,
  kex3Keys,
  type Kex3Secret,
  parseShare,
} from './kex3-keys.ts';
import { LONG_POLL_MS, Pauses } from './polling.ts';
import type { KexDeps, RoutedMessage } from './ports.ts';
import type { KexSession, OneUse } from './session.ts';

/** How long the other side has for its confirmation, once it is there, ms. */
export const CONFIRM_LIMIT_MS = 30_000;
/** How long the relay has for the word that this side gave up, ms. */
const LEAVE_LIMIT_MS = 2_000;
/** At the rendezvous a share has 1 as its seqno, a confirmation 2; packets go on after them. */
const FIRST_PACKET = 3;
/** What of a failure the other side cannot see by itself. */
const TOLD: readonly KexFault[] = ['cancelled', 'flooded', 'timed-out'];
/** More messages than a rendezvous holds. */
const MAX_MESSAGES = 1_024;
const EMPTY = new Uint8Array(0);

/** What one side brings to an exchange. */
export interface Kex3Options {
  readonly secret: OneUse<Kex3Secret>;
  readonly rendezvous: RendezvousId;
  readonly identity: Identity;
  /** How long to wait for the other side to come, ms. */
  readonly meetMs: number;
  readonly signal: AbortSignal;
  /** A message was not the other side's; `count` so far. */
  readonly onPassedOver?: (count: number) => void;
}

/** A session whose other side has shown that it entered the same secret. */
export interface ConfirmedSession extends KexSession {
  /** Of Y: the account that X says it belongs to. */
  readonly account: AccountId | null;
}

/**
 * Meets the other side and confirms the keys both ways (spec/provisioning.md, "kex3"); nothing else is sent before. The
 * secret is used up by it, however it ends. Throws {@link KexError}: `timed-out`, `cancelled`, `aborted`, `flooded`,
 * `unreachable`, `secret-used`, and `wrong-secret`: the other side has another, or is somebody else.
 */
export async function confirmKex3(deps: KexDeps, options: Kex3Options): Promise<ConfirmedSession> {
  const { rendezvous, identity } = options;
  const secret = options.secret.take();
  const cpace = new CpaceSide(cpaceInputs(secret, rendezvous), deps.randomBytes);
  const own: CpaceMessage = { share: cpace.share, associatedData: encodeIdentity(identity) };
  const inbox = new Inbox(deps, options, parseRendezvousSender(deps.randomBytes(16)));
  const isX = identity.side === 'x';

  const peer = await inbox.exchange(encodeShare(own), options.meetMs, ({ message }) => {
    const parsed = parseShare(message, isX ? 'y' : 'x');
    return parsed && !equal(parsed.identity.device, identity.device) ? parsed : null;
  });
  const agreed = await agree(cpace, peer.found.message, inbox);
  const keys = kex3Keys(rendezvous, agreed, ...sorted(isX, own, peer.found.message));

  const toConfirm = confirmationOf(keys, identity.side, peer.found.message);
  const confirmation = await inbox.exchange(toConfirm, CONFIRM_LIMIT_MS, ({ sender, message }) =>
    equal(sender, peer.sender) ? message : null,
  );
  if (!constantTimeEqual(confirmation.found, confirmationOf(keys, isX ? 'y' : 'x', own))) {
    throw new KexError('wrong-secret');
  }
  const { device, account } = peer.found.identity;
  return {
    id: keys.session,
    rendezvous,
    self: identity.device,
    peer: device,
    account,
    writeKey: keys.packet[identity.side],
    readKey: keys.packet[isX ? 'y' : 'x'],
    firstSeqno: FIRST_PACKET,
    passedOver: inbox.sendersBut(device, peer.sender),
  };
}

/** A share that is no element is as wrong as a secret, and burns it alike. There is nothing to confirm. */
async function agree(cpace: CpaceSide, { share }: CpaceMessage, inbox: Inbox): Promise<Uint8Array> {
  try {
    return cpace.agree(share);
  } catch (cause) {
    if (!(cause instanceof ShareError)) throw cause;
    await inbox.leave();
    throw new KexError('wrong-secret', { cause });
  }
}

function sorted(isX: boolean, own: CpaceMessage, peer: CpaceMessage): [CpaceMessage, CpaceMessage] {
  return isX ? [own, peer] : [peer, own];
}

/** What comes to a rendezvous before there are keys: each message is looked at once. */
class Inbox {
  readonly #deps: KexDeps;
  readonly #options: Kex3Options;
  readonly #self: RendezvousSender;
  readonly #seen = new Set<string>();
  readonly #senders = new Set<string>();
  readonly #pauses: Pauses;
  #seqno = 0;
  #passedOver = 0;

  constructor(deps: KexDeps, options: Kex3Options, self: RendezvousSender) {
    this.#deps = deps;
    this.#options = options;
    this.#self = self;
    this.#pauses = new Pauses(deps.clock);
    this.#senders.add(toHex(self));
  }

  /**
   * Posts this side's next message, and looks meanwhile for the other side's with the same seqno: the first of which
   * `match` makes something; others are passed over and counted. A bare empty one, whatever its seqno, ends it. Of what
   * ends it otherwise, but for a relay that cannot be reached, the other side is told.
   */
  async exchange<T>(
    message: Uint8Array,
    ms: number,
    match: (message: RoutedMessage) => T | null,
  ): Promise<{ found: T; sender: RendezvousSender }> {
    const seqno = ++this.#seqno;
    const over = new AbortController();
    const within = <R>(limitMs: number, work: (signal: AbortSignal) => Promise<R>) =>
      withDeadline(this.#deadline(limitMs, over.signal), work);
    try {
      const [theirs] = await Promise.all([
        within(ms, (inner) => this.#find(seqno, inner, match)),
        within(CONFIRM_LIMIT_MS, (inner) => this.#post(seqno, message, inner)),
      ]);
      return theirs;
    } catch (error) {
      over.abort();
      if (error instanceof KexError && TOLD.includes(error.code)) await this.leave();
      throw error;
    }
  }

  /** The senders that were seen, in hex, without those of the other side: it sends packets, or its word that it leaves. */
  sendersBut(...peer: readonly Uint8Array[]): ReadonlySet<string> {
    const senders = new Set(this.#senders);
    for (const each of peer) senders.delete(toHex(each));
    return senders;
  }

  /** Tells the other side. The relay takes the word of it or does not: it is over in either case. */
  async leave(): Promise<void> {
    const { router, clock } = this.#deps;
    const late = () => new KexError('timed-out');
    await withDeadline({ clock, ms: LEAVE_LIMIT_MS, late, cancelled: late, signals: [] }, (signal) =>
      router.post(this.#options.rendezvous, this.#self, ++this.#seqno, EMPTY, signal),
    ).catch(() => undefined);
  }

  async #post(seqno: number, message: Uint8Array, signal: AbortSignal): Promise<void> {
    try {
      await this.#deps.router.post(this.#options.rendezvous, this.#self, seqno, message, signal);
    } catch (cause) {
      throw new KexError('unreachable', { cause });
    }
  }

  async #find<T>(
    seqno: number,
    signal: AbortSignal,
    match: (message: RoutedMessage) => T | null,
  ): Promise<{ found: T; sender: RendezvousSender }> {
    while (!signal.aborted) {
      for (const routed of await this.#news(seqno, signal)) {
        if (routed.message.length === 0) throw new KexError('aborted');
        this.#seen.add(nameOf(routed.sender, routed.seqno));
        if (this.#seen.size > MAX_MESSAGES) throw new KexError('flooded');
        const found = match(routed);
        if (found !== null) return { found, sender: routed.sender };
        this.#options.onPassedOver?.(++this.#passedOver);
      }
    }
    throw new KexError('timed-out');
  }

  /** What has come with that seqno, each message once. A later one is left for its own turn. */
  async #news(seqno: number, signal: AbortSignal): Promise<readonly RoutedMessage[]> {
    const { router, clock } = this.#deps;
    const since = clock.now();
    let messages: readonly RoutedMessage[];
    try {
      messages = await router.get(this.#options.rendezvous, this.#self, seqno, LONG_POLL_MS, signal);
    } catch (cause) {
      throw new KexError('unreachable', { cause });
    }
    const news = messages.filter((routed) => this.#isDue(routed, seqno));
    if (news.length === 0) await this.#pauses.pause(since, LONG_POLL_MS, signal);
    else this.#pauses.reset();
    return news;
  }

  /** Whether this was not looked at, and is now to be. */
  #isDue({ sender, seqno, message }: RoutedMessage, wanted: number): boolean {
    if (equal(sender, this.#self)) return false;
    this.#senders.add(toHex(sender));
    if (this.#senders.size > MAX_MESSAGES) throw new KexError('flooded');
    return (seqno === wanted || message.length === 0) && !this.#seen.has(nameOf(sender, seqno));
  }

  #deadline(ms: number, over: AbortSignal): Deadline {
    const late = () => new KexError('timed-out');
    const cancelled = () => new KexError('cancelled');
    return { clock: this.#deps.clock, ms, late, cancelled, signals: [this.#options.signal, over] };
  }
}

function nameOf(sender: RendezvousSender, seqno: number): string {
  return `${toHex(sender)}/${seqno}`;
}
