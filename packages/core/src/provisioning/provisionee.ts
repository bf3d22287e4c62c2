import {
  ChainFormatError,
  type ChainState,
  consent,
  isMember,
  type LinkAuthor,
  linkJson,
  type LinkPlace,
  parseFactsHash,
  parseSibkeySkeleton,
  placeAfter,
} from '@palmkey/chain';
import { type AccountId, equal } from '@palmkey/envelope';
import {
  type DeviceKind,
  encodeDeviceFacts,
  factsHash,
  isAccountDeviceName,
  newSaltedFacts,
} from '../account/index.ts';
import type { Primitives } from '../crypto/index.ts';
import type { DeviceKeys } from '../devices/index.ts';
import { withDeadline } from '../timing/deadline.ts';
import { replayAt, takeCountersigned } from './countersigned.ts';
import { KexError } from './errors.ts';
import { codeCommitment, joiningCode } from './joining-code.ts';
import type { ConfirmedSession } from './kex3.ts';
import type { KexDeps } from './ports.ts';
import type { KexSession } from './session.ts';
import { isTaken } from './taken-names.ts';
import { inTime, STEP_LIMIT_MS, walk, type Way } from './way.ts';
import { ProvisioningError } from './way-errors.ts';
import type { ChainSource, Joined, JoinPost, NameProblem, SaveJoin } from './way-ports.ts';
import { codeSchema, countersignedSchema, type Hello, helloSchema, METHODS, parseMessage } from './wire.ts';

/** What a new device needs to join. */
export interface ProvisioneeDeps extends KexDeps {
  readonly primitives: Primitives;
  /** This device's new keys; the session is its own. */
  readonly device: DeviceKeys;
  readonly kind: Exclude<DeviceKind, 'paper'>;
  /** The account that its person named; null if any will do. */
  readonly account: AccountId | null;
  readonly chain: ChainSource;
  readonly store: SaveJoin;
}

/** What the person at Y has to do, and sees. */
export interface ProvisioneeHooks {
  /**
   * Names the device. It is asked again as long as a name will not do: `problem` is what was wrong with the last one.
   * The signal ends the asking.
   */
  readonly onName: (problem: NameProblem | null, signal: AbortSignal) => Promise<string>;
  /** Shows six digits, which X shows as well, until it is over. */
  readonly onCode: (code: string) => void;
}

/**
 * The way of Y (spec/provisioning.md, "The way"): returns when it is on the chain. With the secret shown by X it begins.
 * Either way X is there by then, and has {@link STEP_LIMIT_MS} to offer something. Throws {@link ProvisioningError}, and
 * what the hooks and the store's `drop` throw. Only after `not-posted` something is saved, with which {@link postJoin}
 * goes on.
 */
export async function joinAccount(
  deps: ProvisioneeDeps,
  session: KexSession | ConfirmedSession,
  shownBy: 'x' | 'y',
  hooks: ProvisioneeHooks,
  signal: AbortSignal,
): Promise<Joined> {
  if (!equal(session.self, deps.device.id)) throw new RangeError('a session of another device');
  const named = 'account' in session ? session.account : null;
  return walk(deps, session, signal, async (way) => {
    const called = way.turn(METHODS.hello);
    // Of a suite that has named the account its chain comes while X makes its offer.
    const early = named === null ? null : fetchChain(deps, way, named).catch(() => null);
    if (shownBy === 'x') await way.whileOn(way.rpc.notify(METHODS.start, {}));
    const first = await way.whileOn(inTime(deps, way, () => called));
    way.step = 'offering';
    const hello = parseMessage(helloSchema, first.arg, way.step);
    const { place, author } = parseOffer(hello, way);
    const accounts = [place.account, ...(deps.account ? [deps.account] : []), ...(named ? [named] : [])];
    if (!accounts.every((each) => equal(each, hello.uid))) throw new ProvisioningError('other-account', way.step);
    // What came early may be older than the offer, and a relay that failed then may not now.
    const known = await early;
    const state = known && isNext(known, place) ? known : await fetchChain(deps, way, hello.uid);
    if (!isNext(state, place)) throw new ProvisioningError('wrong-place', way.step);
    const provisioner = state.find(author.signer);
    if (!provisioner || !isMember(provisioner)) throw new ProvisioningError('not-a-member', way.step);

    const isFree = (name: string) => !isTaken(session.id, hello.deviceNames, name);
    const facts = newSaltedFacts(deps.primitives, {
      kind: deps.kind,
      name: await way.whileOn(askForName(isFree, hooks, way.signal)),
    });
    const { id, signer, agreement } = deps.device;
    const device = { facts: parseFactsHash(factsHash(facts)), id, signingKey: signer.publicKey };
    const link = await consent(signer, place, author, { type: 'sibkey', device });
    const answer = {
      deviceFacts: encodeDeviceFacts(facts.facts),
      deviceSalt: facts.salt,
      dhPublicKey: agreement.publicKey,
      sibkeySigBodySigned: linkJson(link),
    };
    way.step = 'asking';
    // Both are waited for before the answer goes: what X says next may come at once.
    const told = way.told(METHODS.code);
    const signed = way.turn(METHODS.countersigned);
    first.answer(answer);
    const { nonce } = parseMessage(codeSchema, await told, way.step);
    if (!equal(codeCommitment(session.id, nonce), hello.codeCommitment)) {
      throw new ProvisioningError('wrong-commitment', way.step);
    }
    hooks.onCode(joiningCode(session.id, nonce, answer));
    // While the person at X looks at the code: their yes is followed by nothing but the post.
    deps.chain.prepare(hello.newSession);

    const second = await signed;
    way.step = 'joining';
    const countersigned = parseMessage(countersignedSchema, second.arg, way.step);
    const joined = await way.whileOn(
      inTime(deps, way, (inner) =>
        takeCountersigned(deps, { state, newSession: hello.newSession, link, facts }, countersigned, inner),
      ),
    );
    await save(deps, joined);
    // It may be on the chain from here on, whoever leaves: nothing calls it back.
    const outcome = await postJoin(deps, joined.post);
    if (outcome === 'conflict') throw new ProvisioningError('conflict', way.step);
    second.answer({ ok: true });
    return joined;
  });
}

/**
 * Posts what was saved; also what was saved before a crash, of which nobody knows whether it was posted. With `conflict`
 * it is dropped, and is begun again. Throws {@link ProvisioningError} `not-posted`: it stays saved; and what the
 * store's `drop` throws.
 */
export async function postJoin(
  { chain, store, clock }: Pick<ProvisioneeDeps, 'chain' | 'store' | 'clock'>,
  post: JoinPost,
): Promise<'done' | 'conflict'> {
  const late = () => new KexError('timed-out');
  const outcome = await withDeadline({ clock, ms: STEP_LIMIT_MS, late, cancelled: late, signals: [] }, (signal) =>
    chain.post(post, signal),
  ).catch((cause: unknown) => {
    throw new ProvisioningError('not-posted', 'joining', { cause });
  });
  if (outcome === 'conflict') await store.drop();
  return outcome;
}

/** What X offers has to be of the device that sends it. */
function parseOffer({ sibkeySigBody }: Hello, { connection, step }: Way): { place: LinkPlace; author: LinkAuthor } {
  let offer: { readonly place: LinkPlace; readonly author: LinkAuthor };
  try {
    offer = parseSibkeySkeleton(sibkeySigBody);
  } catch (cause) {
    if (cause instanceof ChainFormatError) throw new ProvisioningError('bad-message', step, { cause });
    throw cause;
  }
  const isSender = connection.peer !== null && equal(connection.peer, offer.author.signer);
  if (!isSender) throw new ProvisioningError('wrong-peer', step);
  return offer;
}

async function fetchChain({ chain, ...deps }: ProvisioneeDeps, way: Way, account: AccountId): Promise<ChainState> {
  const { step } = way;
  const links = await way.whileOn(
    inTime(deps, way, (signal) =>
      chain.links(account, signal).catch((cause: unknown) => {
        throw new ProvisioningError('no-chain', step, { cause });
      }),
    ),
  );
  const state = await replayAt(step, 'bad-chain', deps.primitives, links, null);
  if (!equal(state.account, account)) throw new ProvisioningError('other-account', step);
  return state;
}

function isNext(state: ChainState, place: LinkPlace): boolean {
  const next = placeAfter(state);
  return place.seqno === next.seqno && equal(place.prev, next.prev);
}

async function askForName(
  isFree: (name: string) => boolean,
  hooks: ProvisioneeHooks,
  signal: AbortSignal,
): Promise<string> {
  let problem: NameProblem | null = null;
  while (!signal.aborted) {
    const name = await hooks.onName(problem, signal);
    if (isAccountDeviceName(name) && isFree(name)) return name;
    problem = isAccountDeviceName(name) ? 'name-taken' : 'bad-account-name';
  }
  throw new KexError('cancelled');
}

async function save({ store }: ProvisioneeDeps, joined: Joined): Promise<void> {
  try {
    await store.save(joined);
  } catch (cause) {
    throw new ProvisioningError('not-saved', 'joining', { cause });
  }
}
