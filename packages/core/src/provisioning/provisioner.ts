import {
  type ChainState,
  type ConsentedLink,
  encodeLinks,
  isConsented,
  isMember,
  type LinkPlace,
  MAX_ACTIVE_MEMBERS,
  parseLink,
  placeAfter,
  sibkeySkeleton,
  signLink,
} from '@palmkey/chain';
import { equal, toHex } from '@palmkey/envelope';
import {
  DeviceFactsError,
  parseSaltedFacts,
  type PassphraseStream,
  type PerUserKey,
  type SaltedFacts,
  sealPerUserBox,
  takenName,
} from '../account/index.ts';
import type { Primitives } from '../crypto/index.ts';
import { type DeviceKeys, type PublicDevice, publicDevice } from '../devices/index.ts';
import { codeCommitment, joiningCode } from './joining-code.ts';
import { sealPassphraseStream } from './passphrase-box.ts';
import type { KexDeps } from './ports.ts';
import type { KexSession } from './session.ts';
import { hashNames } from './taken-names.ts';
import { inTime, STEP_LIMIT_MS, walk, type Way, WAY_LIMIT_MS } from './way.ts';
import { ProvisioningError } from './way-errors.ts';
import type { Newcomer } from './way-ports.ts';
import {
  CODE_NONCE_BYTES,
  helloAnswerSchema,
  type HelloAnswer,
  joinedSchema,
  METHODS,
  parseMessage,
  startSchema,
} from './wire.ts';

/** A call ends with the way: cancelling it first would be a packet before the one that says that this side leaves. */
const never = new AbortController().signal;

/** What a member needs to let a device in. */
export interface ProvisionerDeps extends KexDeps {
  readonly primitives: Primitives;
  /** This device, an active member of {@link state}; the session is its own. */
  readonly device: DeviceKeys;
  /** The account's chain, as new as it can be had: a device can join only at its very end. */
  readonly state: ChainState;
  /** The latest generation. */
  readonly perUserKey: PerUserKey;
  /** The names of all devices that are, or were, on the chain. */
  readonly names: readonly string[];
  /** This device's own; null where it has no passphrase. */
  readonly passphraseStream: PassphraseStream | null;
  /** Makes a grant (32) that the relay knows and that lets one device join. */
  readonly newGrant: (signal: AbortSignal) => Promise<Uint8Array>;
  /** Notes, before it is done, that this device signs a link there; rejects if it has signed another (spec/account.md, "Pins"). */
  readonly reserve: (place: LinkPlace) => Promise<void>;
}

/** What the person at X has to do. */
export interface ProvisionerHooks {
  /** Shows the new device; resolves with true for yes, and for nothing else. The signal ends the asking. */
  readonly onAsk: (newcomer: Newcomer, signal: AbortSignal) => Promise<boolean>;
}

/** A device that X has let in. */
export interface LetIn {
  readonly device: PublicDevice;
  readonly facts: SaltedFacts;
}

/** A newcomer that was checked, and the link that it signed, made of X's own skeleton. */
interface Checked extends LetIn {
  readonly link: ConsentedLink;
}

/**
 * The way of X (spec/provisioning.md, "The way"): returns when Y says that it is on the chain, which X then fetches. With
 * the secret shown by X it waits for Y, which is there, to begin. Throws {@link ProvisioningError}, and what the hooks,
 * `newGrant` and `reserve` throw.
 */
export async function letDeviceIn(
  deps: ProvisionerDeps,
  session: KexSession,
  shownBy: 'x' | 'y',
  hooks: ProvisionerHooks,
  signal: AbortSignal,
): Promise<LetIn> {
  const { state, device, perUserKey } = deps;
  const own = state.find(device.id);
  if (!own || !isMember(own) || !equal(session.self, device.id)) throw new RangeError('a session of no member');
  if (perUserKey.generation !== state.perUserKey.generation) throw new RangeError('an old per-user key');
  if (state.members.length >= MAX_ACTIVE_MEMBERS) throw new ProvisioningError('too-many-devices', 'meeting');
  return walk(deps, session, signal, async (way) => {
    // Of a suite that has named Y it is certain that Y is there: what it is given is made while it says that it begins.
    const early = session.peer === null ? null : grantFor(deps, way);
    if (shownBy === 'x') {
      const started = await way.whileOn(inTime(deps, way, () => way.told(METHODS.start)));
      parseMessage(startSchema, started, way.step);
    }
    way.step = 'offering';
    const author = { ctime: deps.clock.now(), signer: device.id };
    const newSession = await (early ?? grantFor(deps, way));
    const nonce = deps.randomBytes(CODE_NONCE_BYTES);
    const hello = {
      codeCommitment: codeCommitment(session.id, nonce),
      deviceNames: hashNames(session.id, deps.names),
      newSession,
      sibkeySigBody: sibkeySkeleton(placeAfter(state), author),
      uid: state.account,
    };
    const answered = await way.whileOn(way.rpc.call(METHODS.hello, hello, WAY_LIMIT_MS, never));

    way.step = 'asking';
    const answer = parseMessage(helloAnswerSchema, answered, way.step);
    const { link, device: newcomer, facts } = await check(deps, way, author, answer);
    // Not before Y has said who it is: somebody between the two would choose that by the code.
    await way.whileOn(way.rpc.notify(METHODS.code, { nonce }));
    const shown = { ...facts.facts, code: joiningCode(session.id, nonce, answer) };
    if (!(await way.whileOn(hooks.onAsk(shown, way.signal)))) throw new ProvisioningError('refused', way.step);

    way.step = 'joining';
    await way.whileOn(deps.reserve(placeAfter(state)));
    const { primitives, passphraseStream: stream } = deps;
    const [box, ppsEncrypted, signed] = await Promise.all([
      sealPerUserBox(primitives, device, newcomer, perUserKey),
      stream && sealPassphraseStream(primitives, newcomer.agreementKey, stream),
      signLink(device.signer, link),
    ]);
    const countersigned = {
      ppsEncrypted,
      pukBox: { box: box.boxed, generation: box.generation, receiver: box.receiver, sender: box.sender },
      sibkeySigBodyCounterSigned: encodeLinks([signed]),
    };
    const joined = way.rpc.call(METHODS.countersigned, countersigned, STEP_LIMIT_MS, never);
    parseMessage(joinedSchema, await way.whileOn(joined), way.step);
    return { device: newcomer, facts };
  });
}

/** Rejects late: whoever waits for it may not do so yet. */
function grantFor(deps: ProvisionerDeps, way: Way): Promise<Uint8Array> {
  const granted = way.whileOn(inTime(deps, way, deps.newGrant));
  granted.catch(() => undefined);
  return granted;
}

/** Puts what is Y's to say into X's own skeleton, and checks all of it. */
async function check(
  { primitives, state, names }: ProvisionerDeps,
  { connection, step }: Way,
  author: { readonly ctime: number; readonly signer: DeviceKeys['id'] },
  answer: HelloAnswer,
): Promise<Checked> {
  const parsed = parseLink(answer.sibkeySigBodySigned);
  if (parsed.is === 'refused' || parsed.link.type !== 'sibkey') throw new ProvisioningError('bad-message', step);
  const { device, reverseSig } = parsed.link.body;
  const { facts, id, signingKey } = device;
  const body = { device: { facts, id, signingKey }, reverseSig };
  const link: ConsentedLink = { ...placeAfter(state), ...author, v: 1, type: 'sibkey', body };
  if (!(await isConsented(primitives, link))) throw new ProvisioningError('bad-reverse-signature', step);

  const newcomer = publicDevice(signingKey, answer.dhPublicKey);
  const isSender = connection.peer !== null && equal(connection.peer, id);
  if (!equal(newcomer.id, id) || !isSender) throw new ProvisioningError('wrong-device-id', step);
  const isUsed = [id, signingKey, answer.dhPublicKey].some((name) => state.parts.used.has(toHex(name)));
  if (isUsed || equal(signingKey, answer.dhPublicKey)) throw new ProvisioningError('reused-key', step);
  let salted: SaltedFacts;
  try {
    salted = parseSaltedFacts(answer.deviceFacts, answer.deviceSalt, facts);
  } catch (cause) {
    if (cause instanceof DeviceFactsError) throw new ProvisioningError(cause.code, step, { cause });
    throw cause;
  }
  if (salted.facts.kind === 'paper') throw new ProvisioningError('wrong-facts', step);
  if (takenName(salted.facts.name, names) !== undefined) throw new ProvisioningError('name-taken', step);
  return { link, device: newcomer, facts: salted };
}
