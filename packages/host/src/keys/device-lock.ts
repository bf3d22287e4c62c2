/** The passphrase of this computer's device file while a program runs: what opens it, and what may be tried. */
import {
  newPassphraseStream,
  PassphraseError,
  type PassphraseStream,
  passphraseStrength,
  unlockKeyFile,
  wipePassphraseStream,
} from '@palmkey/core/account';
import type { DeviceKeys, PublicDevice } from '@palmkey/core/devices';
import type { Scrypt } from '@palmkey/core/scrypt';
import { type Clock, systemClock } from '../clock.ts';
import { ControlError } from '../control/control-error.ts';
import { paths } from '../paths.ts';
import type { Disk } from '../state/disk.ts';
import {
  keysOf,
  newSecrets,
  openSecrets,
  publicHalf,
  readDevice,
  type StoredDevice,
  writeDevice,
} from './device-file.ts';
import { nodePrimitives } from './node-primitives.ts';
import { nodeScrypt } from './node-scrypt.ts';

/** Whoever guesses here guesses once a second; who is in a hurry has the file, and scrypt to pay for. */
const afterWrongMs = 1_000;

/** `plain`: no passphrase is set; `unlocked`: it was given, and this program holds the keys. */
export type KeysState = 'plain' | 'locked' | 'unlocked';

export interface DeviceLockOptions {
  readonly home: string;
  readonly clock?: Clock;
  readonly disk?: Disk;
  readonly scrypt?: Scrypt;
}

export class DeviceLock implements Disposable {
  readonly #home: string;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #disk: Disk | undefined;
  readonly #scrypt: Scrypt;
  #stream: PassphraseStream | null = null;
  #state: KeysState | null = null;
  #trying = false;
  /** By the monotonic clock: nothing is tried before. */
  #notBefore = 0;

  constructor({ home, clock, disk, scrypt }: DeviceLockOptions) {
    this.#home = home;
    this.#path = paths(home).device;
    this.#clock = clock ?? systemClock;
    this.#disk = disk;
    this.#scrypt = scrypt ?? nodeScrypt;
  }

  /**
   * As it was when it was last looked at or changed here.
   * @throws StateError as `readDevice` does.
   */
  state(): KeysState {
    this.#state ??= this.#stateOf(readDevice(this.#home));
    return this.#state;
  }

  /**
   * This computer as others know it, whether or not it is locked.
   * @throws StateError as `readDevice` does.
   */
  device(): PublicDevice {
    return publicHalf(readDevice(this.#home));
  }

  /**
   * The keys, made on first use; null while they are locked.
   * @throws StateError as `readDevice` does.
   */
  load(): DeviceKeys | null {
    const stored = readDevice(this.#home);
    this.#state = this.#stateOf(stored);
    if (this.#state === 'locked') return null;
    const secrets = stored.is === 'plain' ? stored.secrets : openSecrets(this.#path, stored, this.#open());
    const keys = keysOf(secrets);
    secrets.fill(0);
    return keys;
  }

  /**
   * Takes the passphrase; nothing to do where none is needed. One try at a time, and none for a second after a wrong one.
   * @throws PassphraseError `wrong-passphrase`; ControlError `passphrase-busy`; StateError.
   */
  async unlock(passphrase: string): Promise<void> {
    await this.#try(async () => {
      const stored = readDevice(this.#home);
      if (stored.is === 'plain' || this.#opens(stored)) return;
      const { contents, stream } = await unlockKeyFile(this.#scrypt, passphrase, stored.locked);
      contents.fill(0);
      try {
        openSecrets(this.#path, stored, stream).fill(0);
      } catch (error) {
        wipePassphraseStream(stream);
        throw error;
      }
      this.#keep(stream);
    });
  }

  /**
   * Forgets what opens the keys.
   * @throws ControlError `no-passphrase` where nothing could open them again but everybody.
   */
  lock(): void {
    if (readDevice(this.#home).is === 'plain') throw new ControlError('no-passphrase');
    this.#keep(null);
  }

  /**
   * Sets a passphrase (`old` null), changes it, or removes it (`next` null). Who changes or removes it gives the one that
   * holds, also where the keys are open. Keys that were locked are locked afterwards, unless there is no passphrase then.
   * @throws ControlError `no-passphrase`, `passphrase-set`, `passphrase-unfit` (detail `why`), `passphrase-busy`
   * @throws PassphraseError `wrong-passphrase`; StateError. Then nothing has changed.
   */
  async change(old: string | null, next: string | null): Promise<void> {
    if (next !== null) refuseUnfit(next);
    await this.#try(async () => {
      const stored = readDevice(this.#home);
      if (stored.is === 'plain' && (old !== null || next === null)) throw new ControlError('no-passphrase');
      if (stored.is === 'locked' && old === null) throw new ControlError('passphrase-set');
      const secrets = await this.#secretsOf(stored, old ?? '');
      try {
        const generation = stored.is === 'plain' ? 1 : stored.generation + 1;
        const stream = next === null ? null : await newPassphraseStream(nodePrimitives, this.#scrypt, next, generation);
        const stays = stored.is === 'locked' && !this.#opens(stored);
        writeDevice(this.#home, secrets, stream, this.#disk);
        this.#keep(stays && stream !== null ? wiped(stream) : stream);
      } finally {
        secrets.fill(0);
      }
    });
  }

  /**
   * New keys in the place of the old ones, under the same passphrase.
   * @returns false while they are locked: nothing could lock the new ones.
   */
  renew(): boolean {
    if (this.state() === 'locked') return false;
    const secrets = newSecrets();
    writeDevice(this.#home, secrets, this.#stream, this.#disk);
    secrets.fill(0);
    return true;
  }

  /** Overwrites what opens the keys. */
  [Symbol.dispose](): void {
    this.#keep(null);
  }

  async #secretsOf(stored: StoredDevice, old: string): Promise<Uint8Array> {
    if (stored.is === 'plain') return stored.secrets;
    const { contents, stream } = await unlockKeyFile(this.#scrypt, old, stored.locked);
    contents.fill(0);
    try {
      return openSecrets(this.#path, stored, stream);
    } finally {
      wipePassphraseStream(stream);
    }
  }

  /** Whether what was given opens this file: it may have been put back from a copy since. */
  #opens(stored: Extract<StoredDevice, { is: 'locked' }>): boolean {
    if (this.#stream === null) return false;
    try {
      openSecrets(this.#path, stored, this.#stream).fill(0);
      return true;
    } catch (error) {
      if (error instanceof PassphraseError) return false;
      throw error;
    }
  }

  #open(): PassphraseStream {
    if (this.#stream === null) throw new PassphraseError('locked');
    return this.#stream;
  }

  #stateOf(stored: StoredDevice): KeysState {
    return stored.is === 'plain' ? 'plain' : this.#opens(stored) ? 'unlocked' : 'locked';
  }

  #keep(stream: PassphraseStream | null): void {
    this.#state = null;
    if (this.#stream !== null) wipePassphraseStream(this.#stream);
    this.#stream = stream;
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (this.#trying) throw new ControlError('passphrase-busy');
    this.#trying = true;
    try {
      await this.#until(this.#notBefore);
      await work();
    } catch (error) {
      if (error instanceof PassphraseError) this.#notBefore = this.#clock.monotonic() + afterWrongMs;
      throw error;
    } finally {
      this.#trying = false;
    }
  }

  async #until(at: number): Promise<void> {
    const ms = at - this.#clock.monotonic();
    if (ms > 0) await new Promise<void>((resolve) => void this.#clock.after(ms, resolve));
  }
}

function refuseUnfit(passphrase: string): void {
  const strength = passphraseStrength(passphrase);
  if (strength !== 'fair' && strength !== 'weak') throw new ControlError('passphrase-unfit', { why: strength });
}

function wiped(stream: PassphraseStream): null {
  wipePassphraseStream(stream);
  return null;
}
