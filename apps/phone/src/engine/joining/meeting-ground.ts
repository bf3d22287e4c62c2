import { KexError } from '@palmkey/core/provisioning';
import type { RendezvousId } from '@palmkey/envelope';
import type { PhonePorts } from '../ports.ts';
import { whyNotOpened } from './failed-way.ts';
import type { HomeRelay, MeetingPlace } from './joining-ports.ts';

/** How long a rendezvous stays open after its way, ms: the other side still reads from it why it ended. */
const CLOSED_AFTER_MS = 5_000;

/** What one letting in has of the account's relay: its connection, and the rendezvous that were opened for it. */
export class MeetingGround {
  /** The relay's origin. */
  readonly origin: string;
  readonly place: MeetingPlace;
  readonly #home: HomeRelay;
  readonly #clock: PhonePorts['clock'];
  readonly #signal: AbortSignal;
  readonly #opened = new Set<RendezvousId>();

  /** `signal`: nothing is opened any more once it has aborted. */
  constructor({ clock, meetAt }: Pick<PhonePorts, 'clock' | 'meetAt'>, home: HomeRelay, signal: AbortSignal) {
    this.origin = home.origin;
    this.place = meetAt(home.origin);
    this.#home = home;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Opens a rendezvous. Throws KexError `cancelled`, `JoiningError`, and what the relay says. */
  async open(rendezvous: RendezvousId): Promise<void> {
    if (this.#signal.aborted) throw new KexError('cancelled');
    await orWhyNot(this.#home.open(rendezvous));
    this.#opened.add(rendezvous);
  }

  /** A short number for a rendezvous that was opened. Throws as {@link MeetingGround.open}. */
  nameplate(rendezvous: RendezvousId): Promise<number> {
    return orWhyNot(this.#home.nameplate(rendezvous));
  }

  /** Keeps a grant, by its SHA-256 (32). Throws what the relay says. */
  grant(hash: Uint8Array): Promise<void> {
    return this.#home.grant(hash);
  }

  /** Nobody came, and nobody is to come any more. A relay that does not close it does so itself within the hour. */
  async shut(rendezvous: RendezvousId): Promise<void> {
    this.#opened.delete(rendezvous);
    await this.#home.close(rendezvous).catch(() => undefined);
  }

  /** After the way: what is open stays so a little, then all of it is given back. */
  async leave(): Promise<void> {
    if (this.#opened.size > 0) await this.#clock.after(CLOSED_AFTER_MS).catch(() => undefined);
    for (const rendezvous of [...this.#opened]) await this.shut(rendezvous);
    this.#home.release();
  }
}

function orWhyNot<T>(order: Promise<T>): Promise<T> {
  return order.catch((error: unknown) => {
    throw whyNotOpened(error);
  });
}
