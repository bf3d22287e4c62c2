import type { DeviceKeys } from '@palmkey/core/devices';
import {
  chooseWords,
  codeRendezvous,
  confirmKex3,
  joinUrl,
  kex2Session,
  type Kex2Secret,
  type Kex3Secret,
  type KexDeps,
  KexError,
  type KexSession,
  OneUse,
  WAY_LIMIT_MS,
} from '@palmkey/core/provisioning';
import { type AccountId, parseRendezvousSender, type RendezvousId, type RendezvousSender } from '@palmkey/envelope';
import type { JoiningView } from '../../model/account-view.ts';
import type { PhonePorts } from '../ports.ts';
import type { EnteredAtY } from './entered-secret.ts';
import type { MeetingPlace } from './joining-ports.ts';

/** How long a device is waited for that shows its secret now, ms. */
const MET_WITHIN_MS = 30_000;

/** Where and with what two devices met. */
export interface Met {
  readonly relay: string;
  readonly place: MeetingPlace;
  /** The account that was named; null for none. */
  readonly account: AccountId | null;
  readonly session: KexSession;
  readonly shownBy: 'x' | 'y';
}

/** How a new device meets one of an account: from the secret to a session (spec/provisioning.md, "Suites"). */
export class MemberMeeting {
  readonly #ports: Pick<PhonePorts, 'clock' | 'primitives' | 'scrypt' | 'meetAt' | 'page'>;
  readonly #kex: Pick<KexDeps, 'clock' | 'randomBytes'>;

  constructor(ports: Pick<PhonePorts, 'clock' | 'primitives' | 'scrypt' | 'meetAt' | 'page'>) {
    this.#ports = ports;
    this.#kex = { clock: ports.clock, randomBytes: (length) => ports.primitives.randomBytes(length) };
  }

  /** By what one of the account shows, which its person scanned or typed. Throws a PalmkeyError. */
  async enter(device: DeviceKeys, { relay, account, secret }: EnteredAtY, signal: AbortSignal): Promise<Met> {
    const ports = this.#ports;
    const origin = relay ?? ports.page.origin;
    const place = ports.meetAt(origin);
    const met = { relay: origin, place, account, shownBy: 'x' } as const;
    // The other side is there already, or nobody is.
    const look = (rendezvous: RendezvousId) =>
      inTime(ports.clock, signal, (inner) => place.get(rendezvous, this.#stranger(), 1, 0, inner));
    switch (secret.how) {
      case 'code': {
        const rendezvous = codeRendezvous(secret.bytes);
        await look(rendezvous);
        return { ...met, session: await this.#confirm(place, device, rendezvous, secret, signal) };
      }
      case 'number': {
        const { number, words } = secret;
        const rendezvous = await inTime(ports.clock, signal, (inner) => place.claimNameplate(number, inner));
        return { ...met, session: await this.#confirm(place, device, rendezvous, { how: 'words', words }, signal) };
      }
      case 'words': {
        const session = await this.#stretch(secret.secret, account, device);
        await look(session.rendezvous);
        return { ...met, session };
      }
    }
  }

  /** A QR code and, beside it, eight words: whichever somebody opens a rendezvous for is used, and the other is not. */
  async show(device: DeviceKeys, show: (view: JoiningView) => void, signal: AbortSignal): Promise<Met> {
    const ports = this.#ports;
    const relay = ports.page.origin;
    const place = ports.meetAt(relay);
    const bytes = this.#kex.randomBytes(32);
    const secret: Kex2Secret = { suite: 'kex2-v1', words: chooseWords(8, this.#kex.randomBytes) };
    const stretched = await this.#stretch(secret, null, device);
    const coded = codeRendezvous(bytes);
    const link = joinUrl(relay, { relay, shownBy: { side: 'y' }, secret: { suite: 'kex3', bytes } });
    const endsAt = ports.clock.now() + WAY_LIMIT_MS;
    show({ is: 'showing', link, words: secret.words, endsAt });
    const isCoded = await inTime(
      ports.clock,
      signal,
      (inner) =>
        Promise.race([
          place.opened(coded, this.#stranger(), inner).then(() => true),
          place.opened(stretched.rendezvous, this.#stranger(), inner).then(() => false),
        ]),
      WAY_LIMIT_MS,
    );
    show({ is: 'meeting' });
    const session = isCoded ? await this.#confirm(place, device, coded, { how: 'code', bytes }, signal) : stretched;
    return { relay, place, account: null, shownBy: 'y', session };
  }

  #stretch(secret: Kex2Secret, account: AccountId | null, device: DeviceKeys): Promise<KexSession> {
    return kex2Session(new OneUse(secret), account, device.id, this.#ports.scrypt);
  }

  #confirm(
    place: MeetingPlace,
    device: DeviceKeys,
    rendezvous: RendezvousId,
    secret: Kex3Secret,
    signal: AbortSignal,
  ): Promise<KexSession> {
    const identity = { side: 'y', device: device.id, account: null } as const;
    const options = { secret: new OneUse(secret), rendezvous, identity, meetMs: MET_WITHIN_MS, signal };
    return confirmKex3({ router: place, ...this.#kex }, options);
  }

  /** A sender of nothing. */
  #stranger(): RendezvousSender {
    return parseRendezvousSender(this.#kex.randomBytes(16));
  }
}

/** Work at a relay that waits for no person, or no longer than `ms`. */
async function inTime<T>(
  clock: PhonePorts['clock'],
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  ms = MET_WITHIN_MS,
): Promise<T> {
  const over = new AbortController();
  const late = clock.after(ms, AbortSignal.any([over.signal, signal])).then(
    () => new KexError('timed-out'),
    () => new KexError('cancelled'),
  );
  try {
    const error = late.then((why): never => {
      throw why;
    });
    return await Promise.race([work(AbortSignal.any([over.signal, signal])), error]);
  } finally {
    over.abort();
  }
}
