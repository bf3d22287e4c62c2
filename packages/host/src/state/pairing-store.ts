/** The phones of this computer: those that it was paired with, and those that its account's chain has made known to it. */
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

const version = 2;
const bytes = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]*$/));
const userKey = v.strictObject({ blob: bytes, comment: v.string() });
const phone = {
  signingKey: bytes,
  agreementKey: bytes,
  name: v.string(),
  role: v.literal('decides'),
  relay: v.pipe(v.string(), v.check(isOrigin)),
  pairedAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  userKeys: v.array(userKey),
};
const proof = { transcript: bytes, phoneSignature: bytes, hostSignature: bytes };
const pairing = v.variant('by', [
  v.strictObject({ by: v.literal('pairing'), ...phone, ...proof }),
  v.strictObject({ by: v.literal('chain'), ...phone }),
]);
const before = v.strictObject({ v: v.literal(1), pairings: v.array(v.strictObject({ ...phone, ...proof })) });
const pairingsFile = v.variant('v', [before, v.strictObject({ v: v.literal(version), pairings: v.array(pairing) })]);

type StoredPhone = v.InferOutput<typeof pairing>;

/** A phone that this computer was paired with, with what proves it. */
export interface PairedPhone extends PairingRecord {
  readonly by: 'pairing';
  readonly userKeys: readonly UserKey[];
}

/** A phone that the account's chain names: its keys are the chain's, name and user keys what it says itself. */
export interface ChainPhone extends Pick<PairingRecord, 'peer' | 'relay' | 'pairedAt'> {
  readonly by: 'chain';
  readonly userKeys: readonly UserKey[];
}

/** A phone that may decide what this computer asks; `pairedAt` is since when it is known here. */
export type Pairing = PairedPhone | ChainPhone;

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
    return new Map(
      phonesOf(found)
        .map(fromFile)
        .map((record) => [toHex(record.peer.id), record]),
    );
  } catch (cause) {
    throw new StateError('state-broken', path, null, cause);
  }
}

/** Of version 1, in which every phone was paired. */
function phonesOf(found: v.InferOutput<typeof pairingsFile> | undefined): StoredPhone[] {
  if (found?.v !== 1) return found?.pairings ?? [];
  return found.pairings.map((each) => ({ by: 'pairing' as const, ...each }));
}

function toFile(record: Pairing): StoredPhone {
  const known = {
    signingKey: toBase64Url(record.peer.signingKey),
    agreementKey: toBase64Url(record.peer.agreementKey),
    name: record.peer.name,
    role: 'decides',
    relay: record.relay,
    pairedAt: record.pairedAt,
    userKeys: record.userKeys.map((key) => ({ blob: toBase64Url(key.blob), comment: key.comment })),
  } as const;
  if (record.by === 'chain') return { by: 'chain', ...known };
  return {
    by: 'pairing',
    ...known,
    transcript: toBase64Url(record.transcript),
    phoneSignature: toBase64Url(record.phoneSignature),
    hostSignature: toBase64Url(record.hostSignature),
  };
}

function fromFile(found: StoredPhone): Pairing {
  const device = publicDevice(
    parseSigningPublicKey(fromBase64Url(found.signingKey)),
    parseAgreementPublicKey(fromBase64Url(found.agreementKey)),
  );
  const known = {
    peer: { ...device, name: parseDeviceName(found.name), role: found.role },
    relay: found.relay,
    pairedAt: found.pairedAt,
    userKeys: found.userKeys.map((key) => ({ blob: fromBase64Url(key.blob), comment: key.comment })).filter(isUsable),
  };
  if (found.by === 'chain') return { by: 'chain', ...known };
  return {
    by: 'pairing',
    ...known,
    transcript: fromBase64Url(found.transcript),
    phoneSignature: parseSignature(fromBase64Url(found.phoneSignature)),
    hostSignature: parseSignature(fromBase64Url(found.hostSignature)),
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
