import type { ChainState } from '@palmkey/chain';
import { type DeviceKeys } from '../devices/index.ts';
import {
  type Actor,
  boxesFor,
  type ChainAct,
  expectFreeName,
  expectLatest,
  linkDevice,
  LinkRow,
  publicOf,
} from './act.ts';
import { newSaltedFacts, type SaltedFacts } from './device-facts.ts';
import { type PerUserKey } from './per-user-key.ts';
import { paperKeys, type RecoveryPhrase } from './recovery-phrase.ts';
import { addRevocation } from './revoke-devices.ts';

/** What new recovery words are called, and whether that is free. */
export interface PaperKeyNaming {
  readonly name: string;
  /** The names of all devices that are, or were, on the chain. */
  readonly names: readonly string[];
}

/** A paper key that is posted by this. */
export interface PaperKeyAct extends ChainAct {
  /** Its public keys and id are on the chain; nothing private of it is to be kept. */
  readonly paper: DeviceKeys;
  readonly facts: SaltedFacts;
}

/**
 * Adds the paper key of these words: its link, which it signs itself as well, and its box. Rejects with `ChainError`
 * (`paper-exists`, `too-many-devices`) and with `DeviceFactsError`.
 */
export async function addPaperKey(
  actor: Actor,
  state: ChainState,
  perUserKey: PerUserKey,
  phrase: RecoveryPhrase,
  naming: PaperKeyNaming,
): Promise<PaperKeyAct> {
  expectLatest(state, perUserKey);
  const row = new LinkRow(state, actor.device);
  const added = await addPaper(row, actor, phrase, naming);
  const done = await row.done(actor.primitives);
  const boxes = await boxesFor(actor, [publicOf(added.paper)], perUserKey);
  return { ...done, boxes, seeds: [], ...added };
}

/** New words in the place of the old ones, by which nothing opens that is written afterwards. */
export interface ReplacedPaperKey extends PaperKeyAct {
  /** The next generation. */
  readonly perUserKey: PerUserKey;
}

/**
 * Revokes the paper key and adds that of these words as one: revoke, the next generation, `paper`, and a box for each
 * member. Throws RangeError where there is no paper key; rejects as {@link addPaperKey}.
 */
export async function replacePaperKey(
  actor: Actor,
  state: ChainState,
  former: PerUserKey,
  phrase: RecoveryPhrase,
  naming: PaperKeyNaming,
): Promise<ReplacedPaperKey> {
  expectLatest(state, former);
  const old = state.active.find(({ kind }) => kind === 'paper');
  if (old === undefined) throw new RangeError('no paper key to replace');
  const row = new LinkRow(state, actor.device);
  const { perUserKey, seed } = await addRevocation(row, actor, former, [old.id]);
  const added = await addPaper(row, actor, phrase, naming);
  const done = await row.done(actor.primitives);
  const boxes = await boxesFor(actor, done.after.members, perUserKey);
  return { ...done, boxes, seeds: [seed], perUserKey, ...added };
}

async function addPaper(
  row: LinkRow,
  actor: Actor,
  phrase: RecoveryPhrase,
  { name, names }: PaperKeyNaming,
): Promise<Pick<PaperKeyAct, 'paper' | 'facts'>> {
  expectFreeName(name, names);
  const facts = newSaltedFacts(actor.primitives, { kind: 'paper', name });
  const paper = await paperKeys(actor.primitives, phrase);
  await row.addConsented(actor, paper.signer, { type: 'paper', device: linkDevice(publicOf(paper), facts) });
  return { paper, facts };
}
