import type { DeviceId } from '@palmkey/envelope';
import { concat, equal, parseDeviceId } from '@palmkey/envelope';
import {
  boxKey,
  type MaybePromise,
  openBox,
  openSecretBox,
  type Primitives,
  sealBox,
  sealSecretBox,
} from '../crypto/index.ts';
import type { DeviceKeys, PublicDevice } from '../devices/index.ts';
import { PerUserKeyError, type PerUserKeyErrorCode } from './errors.ts';
import {
  parsePerUserSeed,
  PER_USER_SEED_BYTES,
  type PerUserKey,
  perUserKeyOf,
  type PublicPerUserKey,
} from './per-user-key.ts';

/** Nonce, tag and seed. */
const SEALED_SEED_BYTES = 24 + 16 + PER_USER_SEED_BYTES;
/** u32 generation ‖ sender (16) ‖ receiver (16) ‖ box (72). */
export const PER_USER_BOX_BYTES = 4 + 16 + 16 + SEALED_SEED_BYTES;
/** u32 generation ‖ secretbox (72). */
export const PREVIOUS_SEED_BYTES = 4 + SEALED_SEED_BYTES;

/** A seed, boxed by one member for another. */
export interface PerUserBox {
  readonly generation: number;
  readonly sender: DeviceId;
  readonly receiver: DeviceId;
  /** 72 bytes. */
  readonly boxed: Uint8Array;
}

/** The seed of the generation before `generation`, under this generation's symmetric key. */
export interface PreviousSeed {
  readonly generation: number;
  /** 72 bytes. */
  readonly boxed: Uint8Array;
}

/** What the account chain says, as an import needs it. */
export interface PerUserKeysOnChain {
  /** All generations, the first first. */
  readonly generations: readonly PublicPerUserKey[];
  /** A device that is a member or was one; undefined for any other. */
  member(id: DeviceId): PublicDevice | undefined;
}

/** Boxes a generation's seed for a member. */
export async function sealPerUserBox(
  primitives: Primitives,
  sender: DeviceKeys,
  receiver: PublicDevice,
  key: PerUserKey,
): Promise<PerUserBox> {
  const shared = boxKey(await sender.agreement.sharedSecret(receiver.agreementKey));
  return {
    generation: key.generation,
    sender: sender.id,
    receiver: receiver.id,
    boxed: sealBox(shared, primitives.randomBytes(24), key.seed),
  };
}

/** Puts the seed of the generation before under this one's symmetric key. */
export function sealPreviousSeed(primitives: Primitives, key: PerUserKey, previous: PerUserKey): PreviousSeed {
  if (previous.generation !== key.generation - 1) throw new PerUserKeyError('wrong-generation', previous.generation);
  return {
    generation: key.generation,
    boxed: sealSecretBox(key.symmetricKey, primitives.randomBytes(24), previous.seed),
  };
}

/**
 * Opens the latest generation from this device's box and all older ones from it, each checked against the chain; the
 * first generation first. Throws {@link PerUserKeyError}: nothing of what was given is believed then.
 */
export async function importPerUserKeys(
  primitives: Primitives,
  device: DeviceKeys,
  chain: PerUserKeysOnChain,
  box: PerUserBox,
  previousSeeds: readonly PreviousSeed[],
): Promise<readonly PerUserKey[]> {
  const latest = chain.generations.at(-1);
  if (latest?.generation !== box.generation) throw new PerUserKeyError('wrong-generation', box.generation);
  if (!equal(box.receiver, device.id)) throw new PerUserKeyError('wrong-receiver', box.generation);
  const sender = chain.member(box.sender);
  if (!sender) throw new PerUserKeyError('wrong-sender', box.generation);
  let key = await keyOf(primitives, latest, async () => {
    return openBox(boxKey(await device.agreement.sharedSecret(sender.agreementKey)), box.boxed);
  });
  const keys = [key];
  const seeds = new Map([...previousSeeds].reverse().map((each) => [each.generation, each.boxed]));
  for (const onChain of chain.generations.slice(0, -1).reverse()) {
    const { symmetricKey, generation } = key;
    const boxed = seeds.get(generation);
    if (!boxed) throw new PerUserKeyError('missing-seed', onChain.generation);
    key = await keyOf(primitives, onChain, () => openSecretBox(symmetricKey, boxed));
    keys.push(key);
  }
  return keys.reverse();
}

async function keyOf(
  primitives: Primitives,
  onChain: PublicPerUserKey,
  open: () => MaybePromise<Uint8Array>,
): Promise<PerUserKey> {
  const { generation } = onChain;
  let key: PerUserKey;
  try {
    key = await perUserKeyOf(primitives, parsePerUserSeed(await open()), generation);
  } catch (cause) {
    throw new PerUserKeyError('unopenable', generation, { cause });
  }
  const isTheChains = equal(key.signingKey, onChain.signingKey) && equal(key.agreementKey, onChain.agreementKey);
  if (!isTheChains) throw new PerUserKeyError('wrong-key', generation);
  return key;
}

/** The bytes of a box as the relay keeps them; {@link PER_USER_BOX_BYTES}. */
export function encodePerUserBox(box: PerUserBox): Uint8Array<ArrayBuffer> {
  return concat(u32(box.generation), box.sender, box.receiver, box.boxed);
}

/** Takes a box apart; throws {@link PerUserKeyError} `bad-format` on another length. */
export function parsePerUserBox(bytes: Uint8Array): PerUserBox {
  const generation = generationOf(bytes, PER_USER_BOX_BYTES);
  return {
    generation,
    sender: parseDeviceId(bytes.slice(4, 20)),
    receiver: parseDeviceId(bytes.slice(20, 36)),
    boxed: bytes.slice(36),
  };
}

/** The bytes of a previous seed as the relay keeps them; {@link PREVIOUS_SEED_BYTES}. */
export function encodePreviousSeed(previous: PreviousSeed): Uint8Array<ArrayBuffer> {
  return concat(u32(previous.generation), previous.boxed);
}

/** Takes a previous seed apart; throws {@link PerUserKeyError} `bad-format` on another length. */
export function parsePreviousSeed(bytes: Uint8Array): PreviousSeed {
  return { generation: generationOf(bytes, PREVIOUS_SEED_BYTES), boxed: bytes.slice(4) };
}

function generationOf(bytes: Uint8Array, length: number): number {
  const bad: PerUserKeyErrorCode = 'bad-format';
  if (bytes.length !== length) throw new PerUserKeyError(bad, 0);
  const generation = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  if (generation === 0) throw new PerUserKeyError(bad, 0);
  return generation;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
