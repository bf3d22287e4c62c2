import type { PassphraseStream } from '@palmkey/core/account';
import { sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type KexSession, letDeviceIn, ProvisioningError } from '@palmkey/core/provisioning';
import type { JoiningSuite, LettingInView } from '../../model/account-view.ts';
import type { PhonePorts } from '../ports.ts';
import { type EnteredAtX, readAtX } from './entered-secret.ts';
import type { LetInAccount } from './joining-ports.ts';
import { MeetingGround } from './meeting-ground.ts';
import { type Meeting, NewcomerMeeting } from './newcomer-meeting.ts';
import { type Way, Ways } from './ways.ts';

/** What letting a device in works with. */
export interface LetInFlowDeps {
  readonly ports: Pick<PhonePorts, 'clock' | 'primitives' | 'scrypt' | 'meetAt' | 'fetchFlows' | 'page'>;
  readonly device: DeviceKeys;
  readonly account: LetInAccount;
  /** This device's own, which the new one is locked by; null where it has none. */
  readonly passphrase: () => PassphraseStream | null;
  readonly show: (view: LettingInView) => void;
}

/** How long a relay takes a post by a grant, ms (spec/account.md, "At the relay"). */
const GRANT_MS = 10 * 60_000;

/** What is noted of a letting in. */
interface Notes {
  /** Answers the newcomer; null while there is none. */
  answer: ((yes: boolean) => void) | null;
}

type LettingIn = Way<LettingInView, Notes>;

/** How the two come to a session. */
type Meet = (meeting: Meeting) => Promise<KexSession>;

/**
 * The side of X (spec/provisioning.md): one new device at a time is let in, from a secret that is shown or entered to a
 * member, or to a code that says what went wrong. Whatever becomes of a secret, the next time there is another.
 */
export class LetInFlow {
  readonly #deps: LetInFlowDeps;
  readonly #meeting: NewcomerMeeting;
  readonly #ways: Ways<LettingInView, Notes>;

  constructor(deps: LetInFlowDeps) {
    this.#deps = deps;
    this.#meeting = new NewcomerMeeting(deps.ports, deps.device);
    this.#ways = new Ways<LettingInView, Notes>(deps.show);
  }

  /** Shows a secret. What comes of it shows in the view; never throws. */
  letIn(how: JoiningSuite): void {
    this.#begin((meeting) => this.#meeting.show(how, meeting), 'x');
  }

  /** Takes a secret that the new device shows. Never throws. */
  enter(text: string): void {
    let entered: EnteredAtX;
    try {
      entered = readAtX(text);
    } catch (error) {
      this.#ways.fail(error);
      return;
    }
    this.#begin((meeting) => this.#meeting.enter(entered, meeting), 'y');
  }

  /** What the person says to the newcomer. */
  answer(yes: boolean): void {
    this.#ways.notes?.answer?.(yes);
  }

  /** The person changed their mind: the other side is told. */
  cancel(): void {
    this.#ways.cancel();
  }

  /** Leaves what is over; a letting in that runs goes on. */
  dismiss(): void {
    this.#ways.dismiss();
  }

  /** This tab answers no more: as if cancelled. */
  close(): void {
    this.#ways.leave();
  }

  /** The page goes away in the middle: the other side is told, if there is still time for it. */
  interrupt(): void {
    this.#ways.interrupt();
  }

  #begin(meet: Meet, shownBy: 'x' | 'y'): void {
    this.#ways.begin({ answer: null }, async (way) => {
      const { account, ports } = this.#deps;
      const ground = new MeetingGround(ports, await account.home(), way.signal);
      try {
        const { state } = await account.now();
        const session = await meet({ account: state.account, ground, show: way.show, signal: way.signal });
        return { is: 'done', name: await this.#walk(way, ground, session, shownBy) };
      } finally {
        void ground.leave();
      }
    });
  }

  /** The two have met: the steps from there on, at the chain's very end. Returns the new device's name. */
  async #walk(way: LettingIn, ground: MeetingGround, session: KexSession, shownBy: 'x' | 'y'): Promise<string> {
    const { account, device, passphrase, ports } = this.#deps;
    const { clock, primitives } = ports;
    const randomBytes = (length: number): Uint8Array => primitives.randomBytes(length);
    way.show({ is: 'meeting' });
    const { state, perUserKey, names } = await account.now();
    let endsAt = clock.now() + GRANT_MS;
    const letIn = await letDeviceIn(
      {
        router: ground.place,
        clock,
        randomBytes,
        primitives,
        device,
        state,
        perUserKey,
        names,
        passphraseStream: passphrase(),
        newGrant: async () => {
          const grant = randomBytes(32);
          await ground.grant(sha256(grant));
          endsAt = clock.now() + GRANT_MS;
          return grant;
        },
        reserve: (at) => account.reserve(at, endsAt),
      },
      session,
      shownBy,
      {
        onAsk: ({ name, kind, code }) => {
          way.show({ is: 'asking', name, kind, code });
          return new Promise((resolve) => {
            way.notes.answer = (yes) => {
              way.notes.answer = null;
              if (yes) way.show({ is: 'joining' });
              resolve(yes);
            };
          });
        },
      },
      way.signal,
    );
    // Its word that it is on the chain is not believed.
    if (!(await account.hasJoined(letIn))) throw new ProvisioningError('conflict', 'joining');
    return letIn.facts.facts.name;
  }
}
