import type { DeviceKeys } from '@palmkey/core/devices';
import {
  chooseWords,
  codeRendezvous,
  confirmKex3,
  type JoinLink,
  joinUrl,
  type Kex2Secret,
  kex2Session,
  type Kex2Suite,
  type Kex3Secret,
  type KexSession,
  OneUse,
  WAY_LIMIT_MS,
} from '@palmkey/core/provisioning';
import { type AccountId, parseRendezvousId, type RendezvousId } from '@palmkey/envelope';
import type { JoiningSuite, LettingInView } from '../../model/account-view.ts';
import type { PhonePorts } from '../ports.ts';
import type { EnteredAtX } from './entered-secret.ts';
import { JoiningError } from './failed-way.ts';
import { somebodyCame } from './first-message.ts';
import type { MeetingGround } from './meeting-ground.ts';

/** How long a device is waited for that shows its secret now, ms. */
const MET_WITHIN_MS = 30_000;
const KEX2_WORDS = { 'kex2-v1': 8, 'kex2-v2': 9 } as const;

/** One meeting: whose account it is, where it is, and what is shown of it. */
export interface Meeting {
  readonly account: AccountId;
  readonly ground: MeetingGround;
  readonly show: (view: LettingInView) => void;
  readonly signal: AbortSignal;
}

/** How a device of an account meets a new one: from the secret to a session (spec/provisioning.md, "Suites"). */
export class NewcomerMeeting {
  readonly #ports: Pick<PhonePorts, 'clock' | 'primitives' | 'scrypt' | 'page'>;
  readonly #device: DeviceKeys;
  readonly #random: (length: number) => Uint8Array;

  constructor(ports: Pick<PhonePorts, 'clock' | 'primitives' | 'scrypt' | 'page'>, device: DeviceKeys) {
    this.#ports = ports;
    this.#device = device;
    this.#random = (length) => ports.primitives.randomBytes(length);
  }

  /** By a secret that is shown here. Throws a PalmkeyError. */
  show(how: JoiningSuite, meeting: Meeting): Promise<KexSession> {
    return how === 'kex3' ? this.#showKex3(meeting) : this.#showKex2(how, meeting);
  }

  /** By what the new device shows. Throws a PalmkeyError; `JoiningError` `other-relay`: it waits at another one. */
  async enter({ relay, secret }: EnteredAtX, meeting: Meeting): Promise<KexSession> {
    const { ground, show, signal } = meeting;
    if (relay !== null && relay !== ground.origin) throw new JoiningError('other-relay');
    if (secret.how === 'words') {
      const session = await this.#stretch(secret.secret, null);
      await ground.open(session.rendezvous);
      return session;
    }
    const rendezvous = codeRendezvous(secret.bytes);
    await ground.open(rendezvous);
    show({ is: 'meeting' });
    return this.#confirm(meeting, rendezvous, secret, MET_WITHIN_MS, signal);
  }

  /**
   * A QR code and, beside it, a number with words: whichever is used first has the one exchange, and burns the other.
   */
  async #showKex3(meeting: Meeting): Promise<KexSession> {
    const { account, ground } = meeting;
    const bytes = this.#random(32);
    const words = chooseWords(3, this.#random);
    const coded = codeRendezvous(bytes);
    const numbered = parseRendezvousId(this.#random(32));
    await ground.open(coded);
    await ground.open(numbered);
    const number = await ground.nameplate(numbered);
    this.#show(meeting, 'kex3', { account, secret: { suite: 'kex3', bytes } }, `${number} ${words}`);
    const used = new AbortController();
    const signal = AbortSignal.any([meeting.signal, used.signal]);
    const meet = (rendezvous: RendezvousId, secret: Kex3Secret) =>
      this.#confirm(meeting, rendezvous, secret, WAY_LIMIT_MS, signal);
    try {
      return await Promise.race([meet(coded, { how: 'code', bytes }), meet(numbered, { how: 'words', words })]);
    } finally {
      used.abort();
    }
  }

  async #showKex2(suite: Kex2Suite, meeting: Meeting): Promise<KexSession> {
    const { account, ground, signal } = meeting;
    const secret = { suite, words: chooseWords(KEX2_WORDS[suite], this.#random) };
    // Nine words are salted with the account, which nobody types.
    const isTyped = suite === 'kex2-v1';
    const session = await this.#stretch(secret, isTyped ? null : account);
    await ground.open(session.rendezvous);
    this.#show(meeting, suite, { account, secret }, isTyped ? secret.words : null);
    try {
      await somebodyCame(this.#ports.clock, ground.place, session, WAY_LIMIT_MS, signal);
    } catch (error) {
      void ground.shut(session.rendezvous);
      throw error;
    }
    return session;
  }

  async #stretch(secret: Kex2Secret, account: AccountId | null): Promise<KexSession> {
    return kex2Session(new OneUse(secret), account, this.#device.id, this.#ports.scrypt);
  }

  async #confirm(
    { account, ground }: Meeting,
    rendezvous: RendezvousId,
    secret: Kex3Secret,
    meetMs: number,
    signal: AbortSignal,
  ): Promise<KexSession> {
    const { clock } = this.#ports;
    const identity = { side: 'x', device: this.#device.id, account } as const;
    const options = { secret: new OneUse(secret), rendezvous, identity, meetMs, signal };
    try {
      return await confirmKex3({ router: ground.place, clock, randomBytes: this.#random }, options);
    } catch (error) {
      // Nobody came, and nobody is to come any more.
      if (signal.aborted) void ground.shut(rendezvous);
      throw error;
    }
  }

  #show(
    { ground, show }: Meeting,
    suite: JoiningSuite,
    { account, secret }: { readonly account: AccountId; readonly secret: JoinLink['secret'] },
    words: string | null,
  ): void {
    const { clock, page } = this.#ports;
    const link = joinUrl(page.origin, { relay: ground.origin, shownBy: { side: 'x', account }, secret });
    show({ is: 'showing', suite, link, words, endsAt: clock.now() + WAY_LIMIT_MS });
  }
}
