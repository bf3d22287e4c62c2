/** The verifier that shares nothing with the packages says of every chain what the vectors say. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChainError, MAX_CHAIN_LINKS, parseChainFile, replay, toChainFile } from '@palmkey/chain';
import { sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { parseAgreementPublicKey, parseSigningPublicKey, toHex } from '@palmkey/envelope';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountMaker, type MadeDevice } from '../packages/chain/src/testing/account-maker.ts';
import { attempted, attemptKinds } from '../packages/chain/src/testing/attempts.ts';
import { nodePrimitives } from '../packages/host/src/keys/node-primitives.ts';
import { fixedBytes, fixedDevice } from '../e2e/fuzz/keys.ts';
import { accountKit, accountPrimitives } from './account-kit.ts';
import { readPage } from './page.ts';

interface Chain {
  name: string;
  links: { json: string; signature: string }[];
}
interface Page {
  valid: (Chain & { account: string; head: unknown; active: unknown; revoked: string[]; generation: number })[];
  invalid: (Chain & { code: string; seqno: number })[];
}
const page = readPage('account') as Page;
const script = fileURLToPath(new URL('verify-chain.mjs', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palmkey-chain-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** All chains by one run: a program that imports the script's own function. */
function verdicts(chains: readonly Chain[]): unknown[] {
  const file = join(folder, 'chains.json');
  writeFileSync(file, JSON.stringify(chains.map(({ links }) => ({ links }))));
  const program = `
    import { readFileSync } from 'node:fs';
    import { readExport, verifyChain } from ${JSON.stringify(script)};
    const chains = JSON.parse(readFileSync(${JSON.stringify(file)}, 'utf8'));
    console.log(JSON.stringify(chains.map((chain) => verifyChain(readExport(JSON.stringify(chain))))));`;
  const args = ['--input-type=module', '--eval', program];
  return JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
  ) as unknown[];
}

describe('verify-chain.mjs', () => {
  it('says of every valid chain what replay says', () => {
    const expected = page.valid.map(({ account, head, active, revoked, generation }) => {
      return { valid: true, account, head, active, revoked, generation };
    });
    expect(verdicts(page.valid)).toEqual(expected);
  });

  it('refuses every invalid chain at the same link and for the same reason', () => {
    const expected = page.invalid.map(({ name, seqno, code }) => ({ name, valid: false, seqno, code }));
    const found = verdicts(page.invalid) as object[];
    expect(found.map((verdict, i) => ({ name: page.invalid[i]!.name, ...verdict }))).toEqual(expected);
  });

  it('says what replay says of chains on which anybody has tried anything', { timeout: 120_000 }, async () => {
    const kit = accountKit();
    const tries = fc.array(
      fc.record({
        is: fc.constantFrom(...attemptKinds),
        by: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(8)),
        on: fc.nat(80),
      }),
      { minLength: 4, maxLength: 12 },
    );
    const chains: Chain[] = [];
    const expected: unknown[] = [];
    for (const each of fc.sample(tries, 40)) {
      let chain = await new AccountMaker(kit).eldest('phone');
      for (const attempt of each) {
        const tried = await attempted(chain, attempt);
        const replayed = await replay(accountPrimitives, tried.links, null).catch((error: unknown) => {
          if (error instanceof ChainError) return error;
          throw error;
        });
        chains.push({ name: attempt.is, ...toChainFile(tried.links) } as Chain);
        if (replayed instanceof ChainError) {
          expected.push({ valid: false, seqno: replayed.seqno, code: replayed.code });
          continue;
        }
        chain = tried;
        const { seqno, hash } = replayed.head;
        expected.push(
          expect.objectContaining({
            head: { seqno, hash: toHex(hash) },
            active: replayed.active.map(({ id, kind }) => ({ id: toHex(id), kind })),
            revoked: replayed.revoked.map(({ id }) => toHex(id)),
            generation: replayed.perUserKey.generation,
          }),
        );
      }
    }
    expect(verdicts(chains)).toEqual(expected);
  });

  it('judges a file: 0 for a valid chain, 1 for another, 2 for what is no export', () => {
    const run = (text: string) => {
      const file = join(folder, 'one.json');
      writeFileSync(file, text);
      const { status, stdout } = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
      return { status, stdout };
    };
    const [valid] = page.valid;
    const [invalid] = page.invalid;
    expect(run(JSON.stringify(toChainFile(parseChainFile(JSON.stringify(valid))))).status).toBe(0);
    expect(run(JSON.stringify(invalid))).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('bad-link') as unknown,
    });
    expect(run('{"links":[{}]}').status).toBe(2);
    expect(run('').status).toBe(2);
  });

  it('and replay take a chain of as many links as there may be, and not one more', { timeout: 120_000 }, async () => {
    const primitives = { sha256, verify: nodePrimitives.verify.bind(nodePrimitives) };
    const phone = fixedDevice('phone');
    const chain = new AccountMaker({ sha256, device: (name) => (name === 'phone' ? phone : keysOnly(phone, name)) });
    await chain.eldest('phone');
    while (chain.links.length < MAX_CHAIN_LINKS) await chain.puk('phone');
    const whole = await replay(primitives, chain.links, null);
    expect(whole.head.seqno).toBe(MAX_CHAIN_LINKS);
    await chain.puk('phone');
    const refused = { seqno: MAX_CHAIN_LINKS + 1, code: 'too-long' };
    await expect(replay(primitives, chain.links.slice(-1), whole)).rejects.toMatchObject(refused);
    expect(verdicts([{ name: '', ...toChainFile(chain.links) } as Chain])).toEqual([{ valid: false, ...refused }]);
  });
});

/** Nobody checks the per-user keys: any two that were not there before will do. */
function keysOnly(phone: DeviceKeys, name: string): MadeDevice {
  const signingKey = parseSigningPublicKey(fixedBytes(`${name} signing`));
  const agreementKey = parseAgreementPublicKey(fixedBytes(`${name} agreement`));
  return { ...phone, signer: { ...phone.signer, publicKey: signingKey }, agreement: { publicKey: agreementKey } };
}
