/** The pairings of this computer. Each keeps what an account chain needs to take it over: keys, transcript, both signatures. */
import type { Peer, PeerDirectory } from '@palmkey/core/devices';
import { parseDeviceName, publicDevice } from '@palmkey/core/devices';
import type { PairingRecord, UserKey } from '@palmkey/core/pairing';
import { parsePublicKey, SshFormatError } from '@palmkey/core/ssh';
import {
  type DeviceId,
  fromBase64Url,
  parseAgreementPublicKey,
  parseSignature,
  parseSigningPublicKey,
  toBase64Url,
  toHex,
} from '@palmkey/envelope';
import * as v from 'valibot';
import { isOrigin } from '../origin.ts';
import type { Disk } from './disk.ts';
import { StateError } from './errors.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const version = 1;
const bytes = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]*$/));
const userKey = v.strictObject({ blob: bytes, comment: v.string() });
const pairing = v.strictObject({
  signingKey: bytes,
  agreementKey: bytes,
  name: v.string(),
  role: v.literal('decides'),
  relay: v.pipe(v.string(), v.check(isOrigin)),
  transcript: bytes,
  phoneSignature: bytes,
  hostSignature: bytes,
  pairedAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  userKeys: v.array(userKey),
});
const pairingsFile = v.strictObject({ v: v.literal(version), pairings: v.array(pairing) });

export interface Pairing extends PairingRecord {
  readonly userKeys: readonly UserKey[];
}

export class PairingStore implements PeerDirectory {
  readonly #path: string;
  readonly #disk: Disk | undefined;
  #pairings: ReadonlyMap<string, Pairing>;

  /** @throws StateError as `readJsonFile` does, and `state-broken` for keys that are none. */
  constructor(path: string, disk?: Disk) {
    this.#path = path;
    this.#disk = disk;
    this.#pairings = read(path);
  }

  list(): readonly Pairing[] {
    return [...this.#pairings.values()];
  }

  get(id: DeviceId): Pairing | undefined {
    return this.#pairings.get(toHex(id));
  }

  find(id: DeviceId): Peer | undefined {
    return this.get(id)?.peer;
  }

  /**
   * Stores a pairing, or a new state of one; on the disk when it returns. A user key that no SSH server would know is
   * left out: everything here may be listed, shown and asked for.
   * @throws StateError `not-writable`; then nothing has changed.
   */
  put(record: Pairing): void {
    const usable = { ...record, userKeys: record.userKeys.filter(isUsable) };
    this.#replace(new Map(this.#pairings).set(toHex(record.peer.id), usable));
  }

  /**
   * Whether there was one.
   * @throws StateError `not-writable`; then nothing has changed.
   */
  remove(id: DeviceId): boolean {
    const next = new Map(this.#pairings);
    if (!next.delete(toHex(id))) return false;
    this.#replace(next);
    return true;
  }

  #replace(next: ReadonlyMap<string, Pairing>): void {
    writeJsonFile(this.#path, { v: version, pairings: [...next.values()].map(toFile) }, this.#disk);
    this.#pairings = next;
  }
}

function read(path: string): ReadonlyMap<string, Pairing> {
  const found = readJsonFile(path, version, pairingsFile);
  try {
    return new Map((found?.pairings ?? []).map(fromFile).map((record) => [toHex(record.peer.id), record]));
  } catch (cause) {
    throw new StateError('state-broken', path, null, cause);
  }
}

function toFile(record: Pairing): v.InferOutput<typeof pairing> {
  return {
    signingKey: toBase64Url(record.peer.signingKey),
    agreementKey: toBase64Url(record.peer.agreementKey),
    name: record.peer.name,
    role: 'decides',
    relay: record.relay,
    transcript: toBase64Url(record.transcript),
    phoneSignature: toBase64Url(record.phoneSignature),
    hostSignature: toBase64Url(record.hostSignature),
    pairedAt: record.pairedAt,
    userKeys: record.userKeys.map((key) => ({ blob: toBase64Url(key.blob), comment: key.comment })),
  };
}

function fromFile(found: v.InferOutput<typeof pairing>): Pairing {
  const device = publicDevice(
    parseSigningPublicKey(fromBase64Url(found.signingKey)),
    parseAgreementPublicKey(fromBase64Url(found.agreementKey)),
  );
  return {
    peer: { ...device, name: parseDeviceName(found.name), role: found.role },
    relay: found.relay,
    transcript: fromBase64Url(found.transcript),
    phoneSignature: parseSignature(fromBase64Url(found.phoneSignature)),
    hostSignature: parseSignature(fromBase64Url(found.hostSignature)),
    pairedAt: found.pairedAt,
    userKeys: found.userKeys.map((key) => ({ blob: fromBase64Url(key.blob), comment: key.comment })).filter(isUsable),
  };
}

function isUsable({ blob }: UserKey): boolean {
  try {
    parsePublicKey(blob);
    return true;
  } catch (error) {
    if (error instanceof SshFormatError) return false;
    throw error;
  }
}
