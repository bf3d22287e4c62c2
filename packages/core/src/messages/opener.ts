import type { Head } from '@palmkey/chain';
import type { DeviceId } from '@palmkey/envelope';
import { equal } from '@palmkey/envelope';
import type { Primitives } from '../crypto/index.ts';
import { FormatError, openBox, verifySignature } from '../crypto/index.ts';
import type { DeviceKeys, Peer, PeerDirectory, Role } from '../devices/index.ts';
import type { Content } from './content.ts';
import { parseContent } from './content.ts';
import { GapCounter } from './gap-counter.ts';
import type { BodyParts, Wrap } from './layout.ts';
import { parseBody, parsePlaintext } from './layout.ts';
import { ClockSkewError, MessageError, NotUnderstoodError } from './message-error.ts';
import { PeerKeys } from './peer-keys.ts';
import type { ReplayStore } from './replay-store.ts';
import { isAllowed } from './role-table.ts';
import { MAX_LIFETIME_MS } from './sealer.ts';
import type { SignedMap } from './signed-map.ts';
import { parseSignedMap } from './signed-map.ts';

/** How far two clocks may be apart, ms. */
export const CLOCK_TOLERANCE_MS = 15 * 60_000;

/** What an {@link Opener} needs; `role` is this device's own. */
export interface OpenerOptions {
  readonly primitives: Primitives;
  readonly device: DeviceKeys;
  readonly role: Role;
  readonly peers: PeerDirectory;
  readonly replay: ReplayStore;
  readonly clock: { now(): number };
}

/** A message that may be acted on, once. */
export interface Opened {
  readonly sender: Peer;
  readonly content: Content;
  /** The sender's clock when it was sealed, ms since 1970 UTC. */
  readonly sentAt: number;
  /**
   * The head of the sender's account chain when it was sealed; null where the receiver is not known to be on it. It says
   * something to a receiver on whose chain the sender is, which compares it before it acts (`ChainFollower.meet`).
   */
  readonly head: Head | null;
  /** How many messages of the sender's stream are missing so far, between the first and the last that was opened here. */
  readonly gaps: number;
}

/** Opens what peers sealed for this device, in the order of spec/envelope.md, "Opening". */
export class Opener {
  readonly #options: OpenerOptions;
  readonly #keys: PeerKeys;
  readonly #gaps = new GapCounter();

  constructor(options: OpenerOptions) {
    this.#options = options;
    this.#keys = new PeerKeys(options.device.agreement);
  }

  /**
   * Opens one body; each is opened at most once. Throws {@link MessageError}: `unopenable` for everything that does not
   * open, whatever the reason, `unknown-sender`, `not-allowed`, `replayed`, as {@link NotUnderstoodError}
   * `not-understood` for the sender's own word that this version does not know, and as {@link ClockSkewError} `clock-skew`.
   */
  async open(body: Uint8Array): Promise<Opened> {
    const { device, role, peers, replay, clock } = this.#options;
    const { parts, wrap } = uniformly(() => {
      const parts = parseBody(body);
      return { parts, wrap: wrapFor(parts, device.id) };
    });
    const sender = peers.find(parts.sender);
    if (!sender) throw new MessageError('unknown-sender');
    const { map, n } = await this.#unseal(sender, parts, wrap).catch(unopenable);
    const content = understood(map.content);
    const now = clock.now();
    if (!isInTime(map, now)) {
      throw content === null ? new MessageError('clock-skew') : new ClockSkewError(now - map.sent, sender, content);
    }
    if (content !== null && !isAllowed(content.kind, sender.role, role)) throw new MessageError('not-allowed');
    const verdict = await replay.accept(sender.id, map.stream, n, map.expires + CLOCK_TOLERANCE_MS);
    if (verdict === 'replayed') throw new MessageError('replayed');
    if (content === null) throw new NotUnderstoodError(sender);
    return { sender, content, sentAt: map.sent, head: map.head, gaps: this.#gaps.note(sender.id, map.stream, n) };
  }

  async #unseal(sender: Peer, parts: BodyParts, wrap: Wrap) {
    const { primitives, device } = this.#options;
    const messageKey = openBox(await this.#keys.with(sender.agreementKey), wrap.boxed);
    const plaintext = await primitives.aesGcmOpen(messageKey, parts.iv, parts.sealed, parts.outside);
    const { signed, signature } = parsePlaintext(plaintext);
    if (!(await verifySignature(primitives, sender.signingKey, 'message', signed, signature))) {
      throw new MessageError('unopenable');
    }
    const map = parseSignedMap(signed);
    return { map, n: counterFor(map, parts, device.id) };
  }
}

function wrapFor(parts: BodyParts, id: DeviceId): Wrap {
  const wrap = parts.wraps.find(({ recipient }) => equal(recipient, id));
  if (!wrap) throw new MessageError('unopenable');
  return wrap;
}

/** The receiver's `n`; throws where inside and outside differ. */
function counterFor(map: SignedMap, parts: BodyParts, id: DeviceId): number {
  const same =
    equal(map.from, parts.sender) &&
    map.to.length === parts.wraps.length &&
    map.to.every((to, i) => equal(to.id, parts.wraps[i]?.recipient ?? new Uint8Array(0)));
  const own = map.to.find((to) => equal(to.id, id));
  if (!same || !own) throw new MessageError('unopenable');
  return own.n;
}

function isInTime({ sent, expires }: SignedMap, now: number): boolean {
  return (
    expires >= sent &&
    expires - sent <= MAX_LIFETIME_MS &&
    sent - CLOCK_TOLERANCE_MS <= now &&
    now <= expires + CLOCK_TOLERANCE_MS
  );
}

/** Null for what only a newer version says. */
function understood(bytes: Uint8Array): Content | null {
  try {
    return parseContent(bytes);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

function uniformly<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    return unopenable(cause);
  }
}

function unopenable(cause: unknown): never {
  throw new MessageError('unopenable', { cause });
}
