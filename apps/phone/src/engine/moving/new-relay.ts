import { parseLinkHash, placeOfHead } from '@palmkey/chain';
import type { DeviceKeys } from '@palmkey/core/devices';
import { isSafeOrigin } from '@palmkey/core/pairing';
import { equal, type Grant, RelayError } from '@palmkey/envelope';
import type { MovingView, NewRelay } from '../../model/account-view.ts';
import type { SignInForm } from '../../model/model.ts';
import type { Store } from '../../store/store.ts';
import type { Account } from '../account/account.ts';
import { isOfRelay } from '../account/account-error.ts';
import { grantOf, signInForm } from '../admission.ts';
import type { EnginePorts, RelayLink } from '../ports.ts';
import type { RelayLinks } from '../relay-links.ts';
import { MovingError } from './moving-error.ts';

/** What looking at another relay works with. */
export interface NewRelayDeps {
  readonly ports: EnginePorts;
  readonly device: DeviceKeys;
  readonly account: Account;
  readonly links: Pick<RelayLinks, 'during' | 'chainAt' | 'isReplaced' | 'takeBack'>;
  readonly store: Store;
  /** Null: nothing is under way. */
  readonly show: (view: MovingView | null) => void;
}

/** A relay that lets this device in, until the person says yes. */
export interface LookedAt {
  readonly relay: string;
  readonly grant: Grant | null;
}

/** Looks at the relay that the account may move to, and gets this device in there, before anything is moved. */
export class NewRelayLook {
  readonly #deps: NewRelayDeps;
  #found: LookedAt | null = null;
  /** The relay that was looked at last, where it does not know this device. */
  #refusing: string | null = null;

  constructor(deps: NewRelayDeps) {
    this.#deps = deps;
  }

  /** What was looked at last; null where that was no relay to move to. */
  get found(): LookedAt | null {
    return this.#found;
  }

  /** See `MovingModel.look`. */
  async look(text: string, invitation: string | null): Promise<NewRelay> {
    this.forget();
    const relay = originOf(text);
    const { account, links, ports } = this.#deps;
    if (relay === null) throw new MovingError('bad-address');
    if (relay === account.row.relay) throw new MovingError('already-there');
    const grant = invitation === null ? null : grantOf(invitation);
    if ((await ports.askRelay(relay)) === null) throw new MovingError('unreachable');
    const { relay: present } = account.row;
    try {
      const hasAccount = await links.during(relay, grant, (link) => compareChain(account, link)).catch(asMoving);
      const reaches = present !== null && (links.chainAt(present) !== null || links.isReplaced(present));
      await this.endSignIn();
      this.#found = { relay, grant };
      return { relay, hasAccount, reachesPresent: reaches };
    } catch (error) {
      const isOutside = error instanceof RelayError && (error.code === 'not-admitted' || error.code === 'removed');
      if (isOutside) this.#refusing = relay;
      throw error;
    } finally {
      comeBack(links, account);
    }
  }

  /** See `MovingModel.signIn`. Where the person went is on disk before they go. */
  async signIn(): Promise<SignInForm> {
    const { ports, device, store, show } = this.#deps;
    const to = this.#refusing;
    if (to === null) throw new MovingError('not-looked-at');
    const form = await signInForm(ports, to, device);
    const isKept = await store.transact('write', ['moving'], async (transaction) => {
      const row = await transaction.get('moving', 'moving');
      if (row !== undefined && row.step !== 'signing-in') return false;
      await transaction.put('moving', { id: 'moving', to, step: 'signing-in' });
      return true;
    });
    // Another member has moved the account meanwhile.
    if (!isKept) throw new MovingError('not-looked-at');
    show({ is: 'signing-in', to });
    return form;
  }

  /** Nothing waits for a sign-in any more. */
  async endSignIn(): Promise<void> {
    const { store, show } = this.#deps;
    const ended = await store.transact('write', ['moving'], async (transaction) => {
      const row = await transaction.get('moving', 'moving');
      if (row?.step !== 'signing-in') return false;
      await transaction.delete('moving', 'moving');
      return true;
    });
    if (ended) show(null);
  }

  /** What was looked at is moved to, or not. */
  forget(): void {
    this.#found = null;
    this.#refusing = null;
  }
}

/** Whether a relay has this account; throws {@link MovingError} for another one, and another history. */
export async function compareChain({ state }: Account, { chain }: RelayLink): Promise<boolean> {
  const told = await chain.ask();
  if (told === null) return false;
  if (!equal(told.account, state.account)) throw new MovingError('other-account');
  const head = { seqno: told.seqno, hash: parseLinkHash(told.hash) };
  if (placeOfHead(state, head) === 'forked') throw new MovingError('forked');
  return true;
}

/** Where two addresses are one relay's, the home relay's connection has ended with the other's beginning. */
export function comeBack(links: Pick<RelayLinks, 'isReplaced' | 'takeBack'>, { row: { relay } }: Account): void {
  if (relay !== null && links.isReplaced(relay)) links.takeBack(relay);
}

/** An origin as it was typed, a path or a missing `https://` forgiven; null for none that may be used. */
function originOf(text: string): string | null {
  const trimmed = text.trim();
  const whole = /^[a-z]+:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (!URL.canParse(whole)) return null;
  const { origin, username, password } = new URL(whole);
  return isSafeOrigin(origin) && username === '' && password === '' ? origin : null;
}

/** There is no way to it: in words of moving. */
function asMoving(error: unknown): never {
  const isWay = isOfRelay(error) && !(error instanceof RelayError);
  throw isWay ? new MovingError('unreachable', { cause: error }) : error;
}
