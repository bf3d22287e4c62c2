/**
 * Replay of an account chain, beside its floor: the bare checks of the same signatures by the same library. A chain is of
 * generations and revocations, hosts and members, as many signatures a link as a long life has.
 */
import { type ChainPrimitives, type ChainState, replay, type SignedLink } from '@palmkey/chain';
import { sha256 } from '@palmkey/core/crypto';
import type { Signature, SigningPublicKey } from '@palmkey/envelope';
import { fixedDevice } from '../e2e/fuzz/keys.ts';
import { AccountMaker, type MadeDevice } from '../packages/chain/src/testing/account-maker.ts';
import { nodePrimitives } from '../packages/host/src/keys/node-primitives.ts';
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
  readonly from: ChainState | null;
  readonly links: readonly SignedLink[];
}

const lengths = [100, 200, 500, 1_000, 2_000];
const primitives: ChainPrimitives = {
  sha256,
  verify: (publicKey, message, signature) => nodePrimitives.verify(publicKey, message, signature),
};

export async function chain({ quick, only }: BenchOptions): Promise<readonly Row[]> {
  const links = await makeChain(Math.max(...lengths));
  const cases: Case[] = lengths.map((length) => ({
    name: `${length} links`,
    from: null,
    links: links.slice(0, length),
  }));
  const thousand = await replay(primitives, links.slice(0, 1_000), null);
  for (const more of [1, 10]) {
    cases.push({ name: `${more} on top of 1,000`, from: thousand, links: links.slice(1_000, 1_000 + more) });
  }
  const rows: Row[] = [];
  for (const one of cases.filter(({ name }) => name.includes(only))) rows.push(...(await measure(one, quick)));
  return rows;
}

/** Ours and the floor take turns, so that what the machine does beside them falls on both. */
async function measure({ name, from, links }: Case, quick: boolean): Promise<Row[]> {
  const checks = await checksOf(links, from);
  const [ours, floor]: [number[], number[]] = [[], []];
  const warmUp = quick ? 1 : 5;
  const rounds = quick ? 3 : links.length > 10 ? 15 : 500;
  for (let round = -warmUp; round < rounds; round += 1) {
    const oursMs = await timed(() => replay(primitives, links, from));
    const floorMs = await timed(() => verifyBare(checks));
    if (round < 0) continue;
    ours.push(oursMs);
    floor.push(floorMs);
  }
  const row = { bench: 'chain', case: name, metric: 'replay_ms', unit: 'ms' };
  return [
    { ...row, subject: 'ours', value: median(ours) },
    { ...row, subject: 'signatures alone', value: median(floor) },
  ];
}

/** Throws if one does not hold: a figure of refusals is none. */
async function verifyBare(checks: readonly Check[]): Promise<void> {
  for (const { publicKey, message, signature } of checks) {
    if (!(await primitives.verify(publicKey, message, signature))) throw new Error('a signature does not hold');
  }
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
