import type { PassphraseStream } from '@palmkey/core/account';
import { PalmkeyError } from '@palmkey/envelope';
import type { PassphraseRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import type { VaultStore } from '../../store/vault-store.ts';
import type { PhonePorts } from '../ports.ts';
import type { OpenPassphrase } from './passphrase-work.ts';

/** What the passphrase works with. */
export interface PassphraseDeps {
  readonly ports: Pick<PhonePorts, 'primitives' | 'scrypt' | 'fetchFlows'>;
  readonly vault: VaultStore;
  readonly onChange: () => void;
}

/** There is a passphrase where there is to be none, or the other way round. */
export class PassphraseStandingError extends PalmkeyError {
  override readonly name = 'PassphraseStandingError';
  readonly code = 'passphrase-standing';
}

/**
 * The passphrase of this browser's store (spec/account.md, "The passphrase"): set, changed, taken away and tried. What it
 * takes for that is fetched when it is wanted.
 */
export class PassphraseDesk {
  readonly #deps: PassphraseDeps;
  #row: PassphraseRow | null;
  #open: OpenPassphrase | null = null;
  #generation = 0;

  private constructor(deps: PassphraseDeps, row: PassphraseRow | null) {
    this.#deps = deps;
    this.#row = row;
  }

  /** Looks whether there is one. Throws a StoreError. */
  static async at(deps: PassphraseDeps): Promise<PassphraseDesk> {
    return new PassphraseDesk(deps, await deps.vault.passphrase());
  }

  get isOn(): boolean {
    return this.#row !== null;
  }

  /** Whether nothing can be read before the passphrase is given. */
  get isShut(): boolean {
    return this.#row !== null && this.#open === null;
  }

  /** Counts from 1, one more with each change; 0 without a passphrase, and before it is open. */
  get generation(): number {
    return this.#generation;
  }

  /** Of the open passphrase; null where there is none, or it is not open. */
  get stream(): PassphraseStream | null {
    return this.#open?.stream ?? null;
  }

  /** Opens the rows by what was typed; false where it is not the passphrase. Throws a StoreError. */
  async open(text: string): Promise<boolean> {
    const { ports } = this.#deps;
    if (this.#row === null || this.#open !== null) return true;
    const work = await ports.fetchFlows.passphrase();
    const stream = await work.tryPassphrase(ports.scrypt, this.#row, text);
    if (stream === null) return false;
    await this.#openBy(stream);
    return true;
  }

  /** Opens the rows by the stream that an earlier session of this page has; one of another passphrase does nothing. */
  async openAgain(stream: PassphraseStream): Promise<void> {
    if (this.#row === null) return;
    const work = await this.#deps.ports.fetchFlows.passphrase();
    if (work.isStreamOf(this.#row, stream)) await this.#openBy(stream);
  }

  /**
   * Locks everything that is kept. Throws `UnfitPassphraseError`, {@link PassphraseStandingError} where there is one already,
   * and a StoreError.
   */
  async set(text: string): Promise<void> {
    const { primitives, scrypt, fetchFlows } = this.#deps.ports;
    if (this.isOn) throw new PassphraseStandingError('there is one');
    const work = await fetchFlows.passphrase();
    await this.#switchTo(await work.newPassphrase(primitives, scrypt, text, 1));
  }

  /** Locks everything anew; false where `former` is not the passphrase. Throws as {@link PassphraseDesk.set}. */
  async change(former: string, text: string): Promise<boolean> {
    const { primitives, scrypt, fetchFlows } = this.#deps.ports;
    const old = this.#open;
    if (old === null || !(await this.#isIt(former))) return false;
    const work = await fetchFlows.passphrase();
    await this.#switchTo(await work.newPassphrase(primitives, scrypt, text, old.stream.generation + 1));
    work.wipePassphrase(old, { keysToo: false });
    return true;
  }

  /** Keeps everything unlocked; false where `former` is not the passphrase. Throws a StoreError. */
  async remove(former: string): Promise<boolean> {
    if (!(await this.#isIt(former))) return false;
    await this.letGo();
    return true;
  }

  /** Locks everything by another device's passphrase, and does `also` with it, as one. Throws as {@link PassphraseDesk.set}. */
  async takeOver(stream: PassphraseStream, also: (transaction: Transaction) => Promise<void>): Promise<void> {
    const { primitives, fetchFlows } = this.#deps.ports;
    if (this.isOn) throw new PassphraseStandingError('there is one');
    const work = await fetchFlows.passphrase();
    await this.#switchTo(work.passphraseOf(primitives, stream), also);
  }

  /** Keeps everything unlocked, and does `also` with it, as one. Nothing but `also` happens without a passphrase. */
  async letGo(also?: (transaction: Transaction) => Promise<void>): Promise<void> {
    const { vault, ports, onChange } = this.#deps;
    const old = this.#open;
    await vault.switchTo(null, also);
    this.#row = null;
    this.#open = null;
    this.#generation = 0;
    if (old !== null) (await ports.fetchFlows.passphrase()).wipePassphrase(old, { keysToo: true });
    onChange();
  }

  async #isIt(text: string): Promise<boolean> {
    const { scrypt, fetchFlows } = this.#deps.ports;
    if (this.#row === null) return false;
    const work = await fetchFlows.passphrase();
    return (await work.tryPassphrase(scrypt, this.#row, text)) !== null;
  }

  async #openBy(stream: PassphraseStream): Promise<void> {
    const { ports, vault } = this.#deps;
    const work = await ports.fetchFlows.passphrase();
    this.#open = await work.openVault(ports.primitives, vault, stream);
    this.#generation = stream.generation;
  }

  async #switchTo(next: OpenPassphrase, also?: (transaction: Transaction) => Promise<void>): Promise<void> {
    const { ports, vault, onChange } = this.#deps;
    const work = await ports.fetchFlows.passphrase();
    const row = work.passphraseRow(ports.primitives, next);
    await vault.switchTo({ lock: next.lock, row }, also);
    this.#row = row;
    this.#open = next;
    this.#generation = next.stream.generation;
    onChange();
  }
}
