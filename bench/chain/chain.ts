/**
 * Replay of an account chain as a computer does it, beside its floor: the bare checks of the same signatures by the same
 * library, as many at once as it likes. Over more links, members and generations it costs as much for each, if all is
 * well; so does opening the per-user key of all generations. Then the same links in a page, as the app replays them.
 */
import { type ChainPrimitives, type ChainState, replay, type SignedLink } from '@palmkey/chain';
import { sha256 } from '@palmkey/core/crypto';
import type { Signature, SigningPublicKey } from '@palmkey/envelope';
import { chainPrimitives } from '../../packages/host/src/keys/chain-primitives.ts';
import { type BenchOptions, median, type Row } from '../rows.ts';
import { openedGenerations } from './generations.ts';
import { replayedInPage } from './in-page.ts';
import { generationsOf, lifeOf, stateAfter } from './made-chains.ts';
import { heldBytes } from './memory.ts';

/** What `verify` was asked. */
interface Check {
  readonly publicKey: SigningPublicKey;
  readonly message: Uint8Array;
  readonly signature: Signature;
}

/** A replay from a state, and the signatures that it checks. */
interface Case {
  readonly name: string;
  /** What is there already. */
  readonly before?: readonly SignedLink[];
  readonly links: readonly SignedLink[];
}

/** What a round took: by the clock, and of all cores together. */
interface Spent {
  readonly ms: number;
  readonly processor: number;
}

const LENGTHS = [10, 100, 200, 500, 1_000, 2_000, 10_000];
const HELD = [100, 1_000, 10_000];
const IN_PAGE = [100, 1_000, 2_000];
const MEMBERS = [1, 4, 16, 31];
const GENERATIONS = [10, 100, 1_000];
/** The chain over which the others are counted. */
const LENGTH = 1_000;
const primitives: ChainPrimitives = { ...chainPrimitives, sha256 };

export async function chain({ quick, only, done, progress }: BenchOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const add = (more: readonly Row[]): void => {
    rows.push(...more);
    done(rows);
  };
  const isWanted = (name: string) => name.includes(only);
  for (const make of [overLength, overMembers, overGenerations]) {
    for (const one of (await make(quick, isWanted)).filter(({ name }) => isWanted(name))) {
      progress(one.name);
      add(await measure(one, quick));
    }
  }
  for (const count of quick ? GENERATIONS.slice(0, 2) : GENERATIONS) {
    if (isWanted(`${count} generations opened`)) add(await openedGenerations(count, quick));
  }
  for (const length of quick ? HELD.slice(0, 2) : HELD) {
    if (isWanted(`${length} links held`)) add([await heldBytes(await lifeOf(length))]);
  }
  const inPage = (quick ? IN_PAGE.slice(0, 2) : IN_PAGE).filter((length) => isWanted(`${length} links (Chromium)`));
  if (inPage.length > 0) add(await replayedInPage(inPage, quick));
  return rows;
}

/** All links of a chain, and a few that come on top of what is known. */
async function overLength(quick: boolean, isWanted: (name: string) => boolean): Promise<readonly Case[]> {
  const lengths = (quick ? [100, 1_000] : LENGTHS).filter(
    (length) => isWanted(`${length} links`) || isWanted(`on top of ${length}`),
  );
  if (lengths.length === 0) return [];
  const most = 10;
  const links = await lifeOf(Math.max(...lengths));
  return lengths.flatMap((length) => [
    { name: `${length} links`, links: links.slice(0, length) },
    ...(length > most ? [1, most] : []).map((more) => ({
      name: `${more} on top of ${length - most}`,
      before: links.slice(0, length - most),
      links: links.slice(length - most, length - most + more),
    })),
  ]);
}

async function overMembers(quick: boolean, isWanted: (name: string) => boolean): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const members of quick ? MEMBERS.slice(0, 2) : MEMBERS) {
    const name = `${LENGTH} links, ${members} members`;
    if (isWanted(name)) cases.push({ name, links: await lifeOf(LENGTH, members) });
  }
  return cases;
}

async function overGenerations(quick: boolean, isWanted: (name: string) => boolean): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const count of quick ? GENERATIONS.slice(0, 2) : GENERATIONS) {
    const name = `${count} generations replayed`;
    if (isWanted(name)) cases.push({ name, links: await generationsOf(count) });
  }
  return cases;
}

/**
 * Ours and the floor take turns, so that what the machine does beside them falls on both. A state goes on once, so each
 * round has its own; they are made before, so that their garbage is not measured.
 */
async function measure({ name, before = [], links }: Case, quick: boolean): Promise<Row[]> {
  const warmUp = quick ? 1 : 3;
  const rounds = quick ? 3 : before.length + links.length > 1_000 ? 7 : links.length > 10 ? 15 : 50;
  const states: (ChainState | null)[] = [];
  for (let round = -warmUp; round < rounds; round += 1) states.push(await stateAfter(before));
  const checks = await checksOf(links, await stateAfter(before));
  const [ours, floor]: [Spent[], Spent[]] = [[], []];
  for (const from of states) {
    ours.push(await spent(() => replay(primitives, links, from)));
    floor.push(await spent(() => verifyBare(checks)));
  }
  const row = { bench: 'chain', case: name };
  return [
    { ...row, subject: 'ours', of: ours.slice(warmUp) },
    { ...row, subject: 'signatures alone', of: floor.slice(warmUp) },
  ].flatMap(({ of, ...each }) => {
    const replayMs = median(of.map(({ ms }) => ms));
    return [
      { ...each, metric: 'replay_ms', value: replayMs, unit: 'ms' },
      { ...each, metric: 'processor_ms', value: median(of.map(({ processor }) => processor)), unit: 'ms' },
      { ...each, metric: 'us_per_link', value: (1000 * replayMs) / links.length, unit: 'µs' },
    ];
  });
}

/** Throws if one does not hold: a figure of refusals is none. */
async function verifyBare(checks: readonly Check[]): Promise<void> {
  const held = await Promise.all(
    checks.map(async ({ publicKey, message, signature }) => primitives.verify(publicKey, message, signature)),
  );
  if (held.includes(false)) throw new Error('a signature does not hold');
}

async function checksOf(links: readonly SignedLink[], from: ChainState | null): Promise<readonly Check[]> {
  const checks: Check[] = [];
  await replay(
    {
      sha256,
      verify: (publicKey, message, signature) => {
        checks.push({ publicKey, message, signature });
        return true;
      },
    },
    links,
    from,
  );
  return checks;
}

async function spent(work: () => Promise<unknown>): Promise<Spent> {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  return { ms, processor: (user + system) / 1000 };
}
