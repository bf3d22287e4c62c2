/** What holds of every chain that replay takes, whoever has tried whatever on it. */
import { toHex } from '@palmkey/envelope';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { accountKit, accountPrimitives as primitives } from '../../../vectors/account-kit.ts';
import { ChainError } from './errors.ts';
import type { SignedLink } from './link.ts';
import { parseLink } from './link-json.ts';
import { checkPin, placeOfHead } from './pin.ts';
import { replay } from './replay.ts';
import { type ChainState, isMember } from './state.ts';
import { AccountMaker } from './testing/account-maker.ts';
import { type Attempt, attempted, attemptKinds, triedBy } from './testing/attempts.ts';

const kit = accountKit();
const attempt: fc.Arbitrary<Attempt> = fc.record({
  is: fc.constantFrom(...attemptKinds),
  // The first devices more often: others are seldom there.
  by: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(8)),
  on: fc.nat(80),
});
/** A try for each of the answers that are waited for at the end. */
const asked: Attempt[] = [
  { is: 'puk', by: 8, on: 0 },
  { is: 'host', by: 0, on: 3 },
  { is: 'host', by: 0, on: 3 },
  { is: 'puk', by: 3, on: 0 },
  { is: 'sibkey', by: 0, on: 5 },
  { is: 'member', by: 0, on: 1 },
  { is: 'end', by: 0, on: 10 },
  { is: 'puk', by: 1, on: 0 },
];
/** A computer goes, and in the same links another device, which may, does something of its own. */
const together: Attempt[] = [
  { is: 'paper', by: 0, on: 4 },
  { is: 'host', by: 0, on: 3 },
  { is: 'end-and-another', by: 3, on: 39 },
];
const idsOf = (devices: readonly { readonly id: Uint8Array }[]) => devices.map(({ id }) => toHex(id));
const typesOf = (links: readonly SignedLink[]) =>
  links.map(({ json }) => {
    const parsed = parseLink(json);
    return parsed.is === 'link' ? parsed.link.type : parsed.code;
  });
const linksBy = (id: Uint8Array, links: readonly SignedLink[]) =>
  links.filter(({ json }) => {
    const parsed = parseLink(json);
    return parsed.is === 'link' && toHex(parsed.link.signer) === toHex(id);
  }).length;

/** What has to hold between a state and the one that new links have made of it. */
function expectGrown(before: ChainState, after: ChainState, links: readonly SignedLink[]): void {
  const types = typesOf(links);
  expect(after.account).toEqual(before.account);
  expect(after.head.seqno).toBe(before.head.seqno + links.length);
  expect([placeOfHead(before, after.head), placeOfHead(after, before.head)]).toEqual(['ahead', 'behind']);
  for (const [seqno, hash] of before.parts.hashes.entries()) checkPin(after, { seqno: Number(seqno), hash });

  const [active, revoked] = [idsOf(after.active), idsOf(after.revoked)];
  expect(active.filter((id) => revoked.includes(id))).toEqual([]);
  expect(revoked.slice(0, before.revoked.length)).toEqual(idsOf(before.revoked));
  // In the order of the link that ends them, which may be another than the one in which they came.
  const ended = revoked.slice(before.revoked.length);
  expect(ended.toSorted()).toEqual(
    idsOf(before.active)
      .filter((id) => !active.includes(id))
      .toSorted(),
  );
  expect(after.members.length).toBeGreaterThan(0);
  expect(after.active.filter(({ kind }) => kind === 'paper').length).toBeLessThan(2);
  const kept = [...after.active, ...after.revoked].flatMap((each) => [each.id, each.signingKey, each.agreementKey]);
  expect(kept.filter((name) => !after.parts.used.has(toHex(name)))).toEqual([]);

  const { generation } = after.perUserKey;
  expect(generation).toBe(before.perUserKey.generation + types.filter((type) => type === 'puk').length);
  expect([...after.parts.perUserKeys.entries()].map(([name, key]) => [name, key.generation])).toEqual(
    Array.from({ length: generation }, (_, i) => [String(i + 1), i + 1]),
  );
  const endsMember = after.revoked.slice(before.revoked.length).some(isMember);
  if (endsMember) expect(generation).toBe(before.perUserKey.generation + 1);
}

it('replay keeps its promises to an account on which anybody tries anything', async () => {
  const heard = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { minLength: 10, maxLength: 40 }), async (tries) => {
      let chain = await new AccountMaker(kit).eldest('phone');
      let state = await replay(primitives, chain.links, null);
      const stops = [1];
      for (const each of tries) {
        const tried = await attempted(chain, each);
        const links = tried.links.slice(chain.links.length);
        const by = await kit.device(triedBy(each));
        const [standing, author] = [state.standingOf(by.id), state.find(by.id)];
        const before = idsOf(state.active);
        try {
          const after = await replay(primitives, links, state);
          expectGrown(state, after, links);
          // Of members alone, but for a computer that goes.
          expect(standing).toBe('active');
          if (author?.kind === 'host') {
            expect([linksBy(by.id, links), idsOf(after.revoked).at(-1)]).toEqual([1, toHex(by.id)]);
          }
          [chain, state] = [tried, after];
          stops.push(chain.links.length);
          heard.add('taken');
        } catch (error) {
          if (!(error instanceof ChainError)) throw error;
          heard.add(error.code);
          expect(idsOf(state.active)).toEqual(before);
        }
      }
      await expectSame(chain.links, stops, state);
    }),
    { numRuns: 60, examples: [[asked], [together]] },
  );
  for (const code of ['taken', 'revoked-signer', 'unknown-signer', 'not-allowed', 'reused-key', 'incomplete']) {
    expect([...heard]).toContain(code);
  }
}, 60_000);

/** However the links are cut between them, the pieces make of each other the same state. */
async function expectSame(links: readonly SignedLink[], stops: readonly number[], state: ChainState): Promise<void> {
  const told = (of: ChainState) => ({
    head: of.head,
    headTime: of.headTime,
    active: of.active,
    revoked: of.revoked,
    generation: of.perUserKey,
    used: [...of.parts.used.entries()],
    hashes: [...of.parts.hashes.entries()],
  });
  const none = { sha256: primitives.sha256, verify: () => true };
  const cuts = fc.subarray([...stops.slice(0, -1)]);
  await fc.assert(
    fc.asyncProperty(cuts, async (chosen) => {
      let now: ChainState | null = null;
      for (const [from, to] of [0, ...chosen].map((at, i) => [at, chosen[i] ?? links.length] as const)) {
        now = await replay(none, links.slice(from, to), now);
      }
      expect(now && told(now)).toEqual(told(state));
    }),
    { numRuns: 3 },
  );
}
