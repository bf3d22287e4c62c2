import type { DeviceKeys } from '@palmkey/core/devices';
import type { HexId } from '../model/hex-id.ts';
import type { RelayThatAsks, SignInForm } from '../model/model.ts';
import type { PairingRow } from '../store/schema.ts';
import { ForeignRelayError, grantOf, INVITATION_LIFETIME_S, newInvitation, signInForm } from './admission.ts';
import type { EnginePorts } from './ports.ts';
import type { RelayLinks } from './relay-links.ts';

interface RelayAdmissionDeps {
  readonly ports: EnginePorts;
  readonly device: DeviceKeys;
  readonly links: RelayLinks;
  /** The account's relay. */
  readonly home: () => string | null;
  /** Changes what is kept of a pairing, if it still stands. */
  readonly changePairing: (id: HexId, change: (row: PairingRow) => PairingRow) => Promise<void>;
}

/** How this device gets in at the relays that it has to do with, and lets computers in. */
export class RelayAdmission {
  readonly #deps: RelayAdmissionDeps;

  constructor(deps: RelayAdmissionDeps) {
    this.#deps = deps;
  }

  /**
   * The relay that the app came from, where a person gets in by sign-in or invitation, and whether it knows this device.
   * Null anywhere else: at one that is open, at that of one computer, and where none answers.
   */
  async relayThatAsks(): Promise<RelayThatAsks | null> {
    const { ports, links } = this.#deps;
    const relay = ports.page.origin;
    const facts = await ports.askRelay(relay);
    if (facts === null || facts.own || facts.admission.length === 0 || facts.admission.includes('open')) return null;
    const knows = await links.isKnownAt(relay);
    return knows === null ? null : { relay, knows };
  }

  /**
   * What the browser posts to sign this device in at a relay; null for one that it has nothing to do with. Rejects with a
   * NotConnectedError where the relay gives no nonce to sign, and `RelayError` `wrong-origin` where it takes no
   * sign-in from this app's address.
   */
  async signInForm(relay: string): Promise<SignInForm | null> {
    if (!this.#isOurs(relay)) return null;
    const { ports, device } = this.#deps;
    return signInForm(ports, relay, device);
  }

  /**
   * Shows a relay an invitation: one of a computer's, until it has admitted this device; another, once, and rejects with
   * a PalmkeyError when it does not. Throws InvitationError, and {@link ForeignRelayError}.
   */
  async useInvitation(relay: string, code: string): Promise<void> {
    if (!this.#isOurs(relay)) throw new ForeignRelayError('foreign relay');
    const { links, changePairing } = this.#deps;
    const grant = grantOf(code);
    const computers = links.computers(relay);
    for (const id of computers) await changePairing(id, (row) => ({ ...row, grant: new Uint8Array(grant) }));
    if (computers.length > 0) links.admit(relay, grant);
    else await links.enter(relay, grant);
  }

  /** Makes an invitation into this device's account at a relay. Rejects with a PalmkeyError. */
  async invite(relay: string): Promise<{ readonly code: string; readonly endsAt: number }> {
    if (!this.#isOurs(relay)) throw new ForeignRelayError('foreign relay');
    const { clock, primitives } = this.#deps.ports;
    const { code, grantHash } = newInvitation((length) => primitives.randomBytes(length));
    const endsAt = clock.now() + INVITATION_LIFETIME_S * 1000;
    await this.#deps.links.invite(relay, grantHash, INVITATION_LIFETIME_S);
    return { code, endsAt };
  }

  /** That of the app, of the account, or of a computer. The address of a page may name any other, and a code shown there were given away. */
  #isOurs(relay: string): boolean {
    const { ports, links, home } = this.#deps;
    return relay === ports.page.origin || relay === home() || links.computers(relay).length > 0;
  }
}
