/**
 * Replay of an account chain, beside its floor: the bare checks of the same signatures by the same library, as many at
 * once as it likes. A chain is of generations and revocations, hosts and members, as many signatures a link as a long life has.
 */
import { type ChainPrimitives, type ChainState, replay, type SignedLink } from '@palmkey/chain';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import type { Signature, SigningPublicKey } from '@palmkey/envelope';
import { fixedDevice } from '../e2e/fuzz/keys.ts';
import { AccountMaker, type MadeDevice } from '../packages/chain/src/testing/account-maker.ts';
import { type BenchOptions, median, type Row } from './rows.ts';

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
  readonly before: readonly SignedLink[];
  readonly links: readonly SignedLink[];
}

const lengths = [100, 200, 500, 1_000, 2_000];
const primitives: ChainPrimitives = {
  sha256,
  verify: (publicKey, message, signature) => webPrimitives.verify(publicKey, message, signature),
};

export async function chain({ quick, only }: BenchOptions): Promise<readonly Row[]> {
  const links = await makeChain(Math.max(...lengths));
  const cases: Case[] = lengths.map((length) => ({
    name: `${length} links`,
    before: [],
    links: links.slice(0, length),
  }));
  for (const length of [10, 1_000]) {
    for (const more of [1, 10]) {
      const name = `${more} on top of ${length}`;
      cases.push({ name, before: links.slice(0, length), links: links.slice(length, length + more) });
    }
  }
  const rows: Row[] = [];
  for (const one of cases.filter(({ name }) => name.includes(only))) rows.push(...(await measure(one, quick)));
  return rows;
}

/**
 * Ours and the floor take turns, so that what the machine does beside them falls on both. A state goes on once, so each
 * round has its own; they are made before, so that their garbage is not measured.
 */
async function measure({ name, before, links }: Case, quick: boolean): Promise<Row[]> {
  const warmUp = quick ? 1 : 5;
  const rounds = quick ? 3 : links.length > 10 ? 15 : 50;
  const states: (ChainState | null)[] = [];
  for (let round = -warmUp; round < rounds; round += 1) states.push(await stateAfter(before));
  const checks = await checksOf(links, await stateAfter(before));
  const [ours, floor]: [number[], number[]] = [[], []];
  for (const from of states) {
    ours.push(await timed(() => replay(primitives, links, from)));
    floor.push(await timed(() => verifyBare(checks)));
  }
  const row = { bench: 'chain', case: name, metric: 'replay_ms', unit: 'ms' };
  return [
    { ...row, subject: 'ours', value: median(ours.slice(warmUp)) },
    { ...row, subject: 'signatures alone', value: median(floor.slice(warmUp)) },
  ];
}

/** That its signatures hold is not what is measured. */
async function stateAfter(links: readonly SignedLink[]): Promise<ChainState | null> {
  return links.length === 0 ? null : replay({ sha256, verify: () => true }, links, null);
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

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Ten links a round: three computers come and two go, a member comes and goes with a new generation, and one more. */
async function makeChain(length: number): Promise<readonly SignedLink[]> {
  const made = new Map<string, MadeDevice>();
  const device = (name: string): MadeDevice => {
    const known = made.get(name) ?? fixedDevice(name);
    made.set(name, known);
    return known;
  };
  const account = new AccountMaker({ sha256, device });
  await account.eldest('phone');
  for (let round = 0; account.links.length < length; round += 1) {
    await account.host('phone', `host ${round}`);
    await account.member('phone', `tablet ${round}`);
    await account.host(`tablet ${round}`, `second host ${round}`);
    await account.revoke(`host ${round}`, `host ${round}`);
    await account.revoke('phone', `second host ${round}`);
    await account.host('phone', `third host ${round}`);
    await account.revoke('phone', `tablet ${round}`, `third host ${round}`);
    await account.puk('phone');
    await account.puk('phone');
  }
  return account.links;
}
