import { EnlistError, enlistHost, type HostOffer, offerHost } from '@palmkey/core/account';
import { sha256 } from '@palmkey/core/crypto';
import { type DeviceKeys, publicDevice } from '@palmkey/core/devices';
import type { Content } from '@palmkey/core/messages';
import { equal, parseAgreementPublicKey, parseSigningPublicKey, RelayError, type Signature } from '@palmkey/envelope';
import type { HexId } from '../../model/hex-id.ts';
import type { OutsideView } from '../../model/account-view.ts';
import type { PairingRow } from '../../store/schema.ts';
import type { EnginePorts } from '../ports.ts';
import type { Account } from './account.ts';
import { isForLater } from './account-error.ts';
import type { AccountActs } from './account-acts.ts';
import { accountNameOf } from './account-name.ts';

/** The version from which on computers understand `enlist`. */
const ENLISTS_FROM = 4;
/** How long a computer may take to answer before the next one is asked, ms. */
const ANSWERS_WITHIN_MS = 30_000;
/** How often one that does not answer is asked, since it said that it is there. */
const MAX_ASKED = 5;

/** What the enlisting of computers works with. */
export interface EnlistingDeps {
  readonly ports: Pick<EnginePorts, 'primitives' | 'clock'>;
  readonly device: DeviceKeys;
  readonly account: Account;
  readonly acts: AccountActs;
  readonly pairings: ReadonlyMap<HexId, PairingRow>;
  /** The version that a computer and this phone speak; null when there is none. */
  readonly protocol: (id: HexId) => number | null;
  readonly send: (id: HexId, content: Content) => Promise<boolean>;
  /** Whether the chain may be acted on now. */
  readonly mayAct: () => boolean;
  readonly onChange: () => void;
  readonly run: (work: () => Promise<void>) => void;
}

/** An offer that a computer has not answered yet. */
interface Asked {
  readonly id: HexId;
  readonly offer: HostOffer;
  readonly over: AbortController;
}

/** Brings paired computers into the account: asks each for its consent, and puts it on the chain (spec/account.md, "Types"). */
export class Enlisting {
  readonly #deps: EnlistingDeps;
  readonly #refused = new Map<HexId, Exclude<OutsideView['why'], 'waiting' | 'other-relay'>>();
  /** Those that are to be asked, in turn. */
  readonly #due = new Set<HexId>();
  /** How often each was asked since it said that it is there. */
  readonly #times = new Map<HexId, number>();
  #asked: Asked | null = null;

  constructor(deps: EnlistingDeps) {
    this.#deps = deps;
  }

  /** Why a computer is not in the account, as far as it is known here. */
  refusal(id: HexId): OutsideView['why'] | null {
    return this.#refused.get(id) ?? null;
  }

  /** The computer is there: it is asked, unless it is in the account or would not. */
  isThere(id: HexId): void {
    this.#times.delete(id);
    this.#due.add(id);
    this.next();
  }

  /** Asks the next one, when none is being asked: each link stands at the end of the chain. */
  next(): void {
    if (this.#asked !== null || !this.#deps.mayAct()) return;
    for (const id of this.#due) {
      const row = this.#deps.pairings.get(id);
      if (row !== undefined && this.#isCandidate(row)) {
        this.#due.delete(id);
        this.#ask(row);
        return;
      }
    }
  }

  /** A computer has answered. */
  async answered(id: HexId, link: Uint8Array, reverseSig: Signature | null): Promise<void> {
    const asked = this.#asked;
    // An answer to an offer that is no more, or to none of ours.
    if (asked?.id !== id || !equal(sha256(asked.offer.link), link)) return;
    this.#over(asked);
    let goesOn = true;
    if (reverseSig === null) this.#refused.set(id, 'refused');
    else goesOn = await this.#add(asked, reverseSig);
    this.#deps.onChange();
    if (goesOn) this.next();
  }

  close(): void {
    if (this.#asked) this.#over(this.#asked);
    this.#due.clear();
  }

  /** Whether it has said that it speaks no version in which it could be asked. */
  isOlder(id: HexId): boolean {
    const { pairings, protocol } = this.#deps;
    return pairings.get(id)?.speaks != null && (protocol(id) ?? 0) < ENLISTS_FROM;
  }

  #isCandidate({ id, relay }: PairingRow): boolean {
    const { account, protocol } = this.#deps;
    const device = this.#deviceOf(id);
    return (
      relay === account.row.relay &&
      !this.#refused.has(id) &&
      (protocol(id) ?? 0) >= ENLISTS_FROM &&
      device !== null &&
      account.state.findEver(device.id) === undefined
    );
  }

  #deviceOf(id: HexId) {
    const row = this.#deps.pairings.get(id);
    if (row === undefined) return null;
    return publicDevice(parseSigningPublicKey(row.signingKey), parseAgreementPublicKey(row.agreementKey));
  }

  #ask({ id, hostName }: PairingRow): void {
    const { ports, device, account, send, run } = this.#deps;
    const computer = this.#deviceOf(id);
    if (computer === null) return;
    const { names, state } = account;
    const actor = { primitives: ports.primitives, device, ctime: ports.clock.now() };
    const offer = offerHost(actor, state, computer, accountNameOf(hostName, names, 'computer'), names);
    const asked = { id, offer, over: new AbortController() };
    this.#asked = asked;
    this.#times.set(id, (this.#times.get(id) ?? 0) + 1);
    run(async () => {
      await send(id, { kind: 'enlist', account: offer.account, link: offer.link });
      await ports.clock.after(ANSWERS_WITHIN_MS, asked.over.signal).catch(() => undefined);
      if (this.#asked !== asked) return;
      this.#over(asked);
      this.#again(id);
      this.next();
    });
  }

  /** False where nothing can be posted until the chain is in step again. */
  async #add({ id, offer }: Asked, reverseSig: Signature): Promise<boolean> {
    const { acts, ports, device } = this.#deps;
    const computer = this.#deviceOf(id);
    if (computer === null) return true;
    try {
      await acts.perform(async (_actor, state) => ({
        act: await enlistHost({ primitives: ports.primitives, device }, state, offer, reverseSig),
        facts: [computer.id, offer.facts],
      }));
    } catch (error) {
      if (error instanceof EnlistError) {
        // The chain went on meanwhile: another offer is made for its new end.
        if (error.code === 'wrong-place') this.#again(id);
        else this.#refused.set(id, 'refused');
      } else if (error instanceof RelayError && error.refusal?.reason === 'other-account') {
        this.#refused.set(id, 'other-account');
      } else if (error instanceof RelayError && error.code === 'bad-chain') {
        this.#refused.set(id, 'refused');
      } else if (isForLater(error)) {
        this.#again(id);
        return false;
      } else {
        throw error;
      }
    }
    return true;
  }

  /** What was said to a connection that has just ended is heard by nobody, and a chain that has just gone on is another. */
  #again(id: HexId): void {
    if ((this.#times.get(id) ?? 0) < MAX_ASKED) this.#due.add(id);
  }

  #over(asked: Asked): void {
    asked.over.abort();
    if (this.#asked === asked) this.#asked = null;
  }
}
