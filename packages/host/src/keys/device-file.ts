/** This computer's device keys: one file of mode 0600, in the open or locked by a passphrase (spec/state.md). */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  lockKeyFile,
  openKeyFile,
  parseLockedKeyFile,
  PassphraseError,
  type PassphraseStream,
} from '@palmkey/core/account';
import { deviceKeys, type DeviceKeys, publicDevice, type PublicDevice } from '@palmkey/core/devices';
import {
  concat,
  equal,
  fromBase64Url,
  parseAgreementPublicKey,
  parseSigningPublicKey,
  toBase64Url,
} from '@palmkey/envelope';
import * as v from 'valibot';
import { paths } from '../paths.ts';
import type { Disk } from '../state/disk.ts';
import { StateError } from '../state/errors.ts';
import { createJsonFile, readJsonFile, writeSecretJsonFile } from '../state/json-file.ts';
import { openHome } from '../state/open-home.ts';
import { privateFolder } from '../state/private-folder.ts';
import { nodeAgreement, nodePrimitives, nodeSigner } from './node-primitives.ts';

/** A file in the open says what it said before there were others, so it keeps its version. */
const plainVersion = 1;
const lockedVersion = 2;
const keyBytes = 32;
const key = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));
const plainFile = v.strictObject({ v: v.literal(plainVersion), signing: key, agreement: key });
const lockedFile = v.strictObject({
  v: v.literal(lockedVersion),
  signingKey: key,
  agreementKey: key,
  locked: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/), v.maxLength(1024)),
});
const deviceFile = v.variant('v', [plainFile, lockedFile]);

/** What stands in the file. `secrets`: signing (32) ‖ agreement (32), private; `locked`: the same, locked. */
export type StoredDevice =
  | { readonly is: 'plain'; readonly secrets: Uint8Array }
  | { readonly is: 'locked'; readonly device: PublicDevice; readonly generation: number; readonly locked: Uint8Array };

/**
 * Reads the device file below `home`, or makes one with new keys on first use; of several that do at once, one makes it.
 * @throws StateError when the folder or file is not private, broken, newer than this program, or cannot be written.
 */
export function readDevice(home: string): StoredDevice {
  const { device: path, host } = paths(home);
  openHome(home);
  privateFolder(host);
  let found = readJsonFile(path, lockedVersion, deviceFile);
  if (found === undefined) {
    const text = () => toBase64Url(randomBytes(keyBytes));
    createJsonFile(path, { v: plainVersion, signing: text(), agreement: text() });
    found = readJsonFile(path, lockedVersion, deviceFile);
  }
  if (found === undefined) throw new StateError('not-writable', path);
  try {
    return storedDevice(found);
  } catch (cause) {
    if (cause instanceof PassphraseError && cause.code === 'unsupported-version')
      throw new StateError('newer-state', path, null, cause);
    throw new StateError('state-broken', path, null, cause);
  }
}

function storedDevice(found: v.InferOutput<typeof deviceFile>): StoredDevice {
  if (found.v === plainVersion) {
    const secrets = concat(fromBase64Url(found.signing), fromBase64Url(found.agreement));
    return { is: 'plain', secrets };
  }
  const locked = fromBase64Url(found.locked);
  return {
    is: 'locked',
    device: publicDevice(
      parseSigningPublicKey(fromBase64Url(found.signingKey)),
      parseAgreementPublicKey(fromBase64Url(found.agreementKey)),
    ),
    generation: parseLockedKeyFile(locked).generation,
    locked,
  };
}

/** The public half, which stands in the open in either form. */
export function publicHalf(stored: StoredDevice): PublicDevice {
  if (stored.is === 'locked') return stored.device;
  const { signer, agreement } = keysOf(stored.secrets);
  return publicDevice(signer.publicKey, agreement.publicKey);
}

/** The keys of 64 private bytes. */
export function keysOf(secrets: Uint8Array): DeviceKeys {
  return deviceKeys(nodeSigner(secrets.subarray(0, keyBytes)), nodeAgreement(secrets.subarray(keyBytes)));
}

/**
 * Opens a locked file's secrets.
 * @throws PassphraseError `wrong-passphrase`; StateError `state-broken` where they are others than its public half says.
 */
export function openSecrets(
  path: string,
  stored: Extract<StoredDevice, { is: 'locked' }>,
  stream: PassphraseStream,
): Uint8Array {
  const secrets = openKeyFile(stream, stored.locked);
  const isWhole = secrets.length === 2 * keyBytes && equal(keysOf(secrets).id, stored.device.id);
  if (isWhole) return secrets;
  secrets.fill(0);
  throw new StateError('state-broken', path);
}

/** 64 new private bytes. */
export function newSecrets(): Uint8Array {
  return new Uint8Array(randomBytes(2 * keyBytes));
}

/**
 * Replaces the file, locked under a stream or, with null, in the open. That the stream opens it is tried before.
 * @throws StateError `not-writable`; then the old one stands as it was.
 */
export function writeDevice(home: string, secrets: Uint8Array, stream: PassphraseStream | null, disk?: Disk): void {
  const { device: path } = paths(home);
  writeSecretJsonFile(path, stream === null ? inTheOpen(secrets) : lockedBy(stream, secrets), disk);
}

function inTheOpen(secrets: Uint8Array): v.InferOutput<typeof plainFile> {
  const [signing, agreement] = [secrets.subarray(0, keyBytes), secrets.subarray(keyBytes)];
  return { v: plainVersion, signing: toBase64Url(signing), agreement: toBase64Url(agreement) };
}

function lockedBy(stream: PassphraseStream, secrets: Uint8Array): v.InferOutput<typeof lockedFile> {
  const locked = lockKeyFile(nodePrimitives, stream, secrets);
  openKeyFile(stream, locked).fill(0);
  const { signer, agreement } = keysOf(secrets);
  return {
    v: lockedVersion,
    signingKey: toBase64Url(signer.publicKey),
    agreementKey: toBase64Url(agreement.publicKey),
    locked: toBase64Url(locked),
  };
}

/**
 * Takes away what a program that was ended while it wrote has left beside the file: keys in the open may stand in it.
 * Only for who holds the folder.
 */
export function discardHalfWritten(home: string): void {
  const { device: path } = paths(home);
  const left = new RegExp(`^${basename(path).replaceAll('.', '\\.')}(\\.\\d+)?\\.next$`);
  for (const name of readdirSync(dirname(path))) {
    if (left.test(name)) rmSync(join(dirname(path), name), { force: true });
  }
}
