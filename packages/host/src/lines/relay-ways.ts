/**
 * Which relay leads to which phone: by the name that phones use, by where this computer dials, and since the account
 * moved.
 */
import { type DeviceId, equal } from '@palmkey/envelope';
import type { HostAccount } from '../account/host-account.ts';
import { isLoopback } from '../origin.ts';
import type { Pairing, PairingStore } from '../state/pairing-store.ts';

export interface RelayWaysOptions {
  readonly pairings: PairingStore;
  /** The relay to be connected to even without a pairing, so that one can be made. */
  readonly homeRelay: string;
  /** The home relay by the name that phones use. */
  readonly publicUrl: string | null;
  readonly account: Pick<HostAccount, 'dialledSinceMove' | 'formerRelay' | 'isHome' | 'isMember' | 'place'>;
  /** The relays, as dialled, that something is to be sent to from before. */
  readonly owed: () => readonly string[];
}

export class RelayWays {
  readonly #options: RelayWaysOptions;

  constructor(options: RelayWaysOptions) {
    this.#options = options;
  }

  /**
   * The origin by which this computer reaches a relay that a phone knows as `origin`: the home relay has a public name,
   * and on loopback it may have another port since the pairing. Where the account has moved goes before that.
   */
  dialled(origin: string): string {
    return this.#options.account.dialledSinceMove(origin) ?? this.#atFirst(origin);
  }

  /** The relays, as dialled, that a line is needed to for phones, for the account, and for what is owed. */
  wanted(): string[] {
    const { account, homeRelay, pairings, owed } = this.#options;
    const relays = pairings.list().map((pairing) => this.dialled(pairing.relay));
    const { formerRelay } = account;
    const isLeft = formerRelay !== null && this.#atFirst(formerRelay) === homeRelay;
    return [...(isLeft ? [] : [this.dialled(homeRelay)]), ...relays, ...owed()];
  }

  /** The phones that are known to be at a relay, as dialled. */
  phonesAt(relay: string): Pairing[] {
    return this.#options.pairings.list().filter((pairing) => this.dialled(pairing.relay) === relay);
  }

  /** The same, and at the account's relay the members that this computer has heard only elsewhere before it moved. */
  greetedAt(relay: string): Pairing[] {
    const { account, pairings } = this.#options;
    const { place } = account;
    if (place === null || !this.#hasMovedTo(relay)) return this.phonesAt(relay);
    return pairings.list().flatMap((pairing) => {
      if (this.dialled(pairing.relay) === relay) return [pairing];
      return account.isMember(pairing.peer.id) ? [{ ...pairing, relay: place.relay }] : [];
    });
  }

  /**
   * The phone whose signature a message bears, if it may have come by this relay; the header's sender and the relay are
   * cross-checks only.
   */
  sender(relay: string, from: DeviceId, signer: DeviceId): Pairing | undefined {
    const { pairings, account } = this.#options;
    const pairing = pairings.get(signer);
    if (pairing === undefined || !equal(from, signer)) return undefined;
    const isWay = this.dialled(pairing.relay) === relay || (account.isMember(signer) && account.isHome(relay));
    return isWay ? pairing : undefined;
  }

  /**
   * Where a phone is from now on that has spoken at a relay: a member, at the relay to which the account has moved.
   * Null where it is known to be already.
   */
  settledAt(pairing: Pairing, relay: string): Pairing | null {
    const { account } = this.#options;
    const isElsewhere = this.dialled(pairing.relay) !== relay && account.isMember(pairing.peer.id);
    if (account.place === null || !isElsewhere || !this.#hasMovedTo(relay)) return null;
    return { ...pairing, relay: account.place.relay };
  }

  #atFirst(origin: string): string {
    const { homeRelay, publicUrl } = this.#options;
    const isHere = isLoopback(origin) && isLoopback(homeRelay);
    return origin === publicUrl || isHere ? homeRelay : origin;
  }

  #hasMovedTo(relay: string): boolean {
    const { account } = this.#options;
    return account.isHome(relay) && account.dialledSinceMove(account.place?.relay ?? relay) !== null;
  }
}
