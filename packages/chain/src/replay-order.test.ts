import { signedBytes, toHex } from '@palmkey/envelope';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { accountKit, accountPrimitives as primitives } from '../../../vectors/account-kit.ts';
import { consentCheck, holds, type SignatureCheck } from './consent.ts';
import { ChainDraft } from './draft.ts';
import { ChainError } from './errors.ts';
import { parseLinkHash, type SignedLink } from './link.ts';
import { parseLink } from './link-json.ts';
import type { ChainPrimitives } from './ports.ts';
import { replay } from './replay.ts';
import { checkEnd, takeLink } from './rules.ts';
import { AccountMaker } from './testing/account-maker.ts';

const kit = accountKit();

/** So many links that their signatures do not all fit under way at once. */
async function longChain(): Promise<readonly SignedLink[]> {
  const chain = await new AccountMaker(kit).eldest('phone');
  for (let round = 0; round < 5; round += 1) {
    await chain.member('phone', `tablet ${round}`);
    for (let host = 0; host < 5; host += 1) await chain.host(`tablet ${round}`, `host ${round} ${host}`);
    await chain.puk(`tablet ${round}`);
    await chain.revoke('phone', `tablet ${round}`, `host ${round} 0`);
    await chain.puk('phone');
  }
  return chain.links;
}

/** What happens to a chain: `at` is taken modulo its length. */
interface Fault {
  readonly is: 'signature' | 'consent' | 'json' | 'dropped' | 'doubled' | 'swapped' | 'cut';
  readonly at: number;
  readonly bit: number;
}

function flipped<B extends Uint8Array>(bytes: B, bit: number): B {
  const at = (bit >> 3) % bytes.length;
  return bytes.with(at, (bytes[at] ?? 0) ^ (1 << (bit & 7))) as B;
}

function withFault(links: readonly SignedLink[], { is, at: number, bit }: Fault): readonly SignedLink[] {
  const at = number % links.length;
  const link = links[at];
  if (link === undefined) return links;
  switch (is) {
    case 'signature':
      return links.with(at, { ...link, signature: flipped(link.signature, bit) });
    case 'consent': {
      const text = String.fromCharCode(...link.json);
      const other = text.replace(/"reverseSig":"../, `"reverseSig":"${(bit & 255).toString(16).padStart(2, '0')}`);
      return links.with(at, { ...link, json: Uint8Array.from(other, (character) => character.charCodeAt(0)) });
    }
    case 'json':
      return links.with(at, { ...link, json: flipped(link.json, bit) });
    case 'dropped':
      return links.toSpliced(at, 1);
    case 'doubled':
      return links.toSpliced(at, 0, link);
    case 'swapped':
      return [...links.slice(0, at), ...links.slice(at).reverse()];
    case 'cut':
      return links.slice(0, at);
  }
}

/** The verdicts of all signatures that any chain here has asked about. */
const verdicts = new Map<string, boolean>();

/** What replay is to say, with every signature judged when its turn comes, before anything that is checked after it. */
async function oneByOne(links: readonly SignedLink[]): Promise<string> {
  // Rules do not wait for verdicts. What they ask about when all signatures hold is at least what they ask about else.
  const asked: SignatureCheck[] = [];
  const noting = (check: SignatureCheck) => asked.push(check);
  textOf(() => takeAll(links, noting));
  for (const check of asked) {
    if (!verdicts.has(nameOf(check))) verdicts.set(nameOf(check), await holds(primitives, check));
  }
  return textOf(() =>
    takeAll(links, (check, refusal) => {
      if (verdicts.get(nameOf(check)) !== true) throw refusal;
    }),
  );
}

function nameOf({ publicKey, message, signature }: SignatureCheck): string {
  return [publicKey, message, signature].map(toHex).join();
}

function textOf(taken: () => ChainDraft): string {
  try {
    return toHex(taken().done().head.hash);
  } catch (error) {
    if (error instanceof ChainError) return `${error.code} at ${error.seqno}`;
    throw error;
  }
}

function takeAll(
  links: readonly SignedLink[],
  check: (asked: SignatureCheck, refusal: ChainError) => unknown,
): ChainDraft {
  const draft = new ChainDraft(null);
  for (const { json, signature } of links) {
    const seqno = draft.seqno + 1;
    const parsed = parseLink(json);
    if (parsed.is === 'refused') throw new ChainError(parsed.code, seqno);
    takeLink(draft, parsed.link, parseLinkHash(primitives.sha256(json)), {
      sha256: primitives.sha256,
      signedBy: (publicKey) =>
        check(
          { publicKey, message: signedBytes('account-link', json), signature },
          new ChainError('bad-signature', seqno),
        ),
      agreed: (link) => check(consentCheck(link), new ChainError('bad-reverse-signature', seqno)),
    });
  }
  checkEnd(draft);
  return draft;
}

/** Answers in an order that the numbers give, never in the turn in which it is asked. */
function shuffling(turns: readonly number[]): ChainPrimitives {
  const waiting: (() => void)[] = [];
  let asked = 0;
  return {
    sha256: primitives.sha256,
    verify: async (publicKey, message, signature) => {
      const held = await primitives.verify(publicKey, message, signature);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        // A message is a turn of its own, in Node and in a browser.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          port1.close();
          waiting.splice((turns[asked++ % turns.length] ?? 0) % waiting.length, 1)[0]?.();
        };
        port2.postMessage(null);
      });
      return held;
    },
  };
}

async function verdict(replayed: Promise<{ readonly head: { readonly hash: Uint8Array } }>): Promise<string> {
  try {
    return toHex((await replayed).head.hash);
  } catch (error) {
    if (error instanceof ChainError) return `${error.code} at ${error.seqno}`;
    throw error;
  }
}

/** What a run meets however the others are drawn. */
const kindsOfRefusal: [Fault[], number[]][] = (['signature', 'dropped', 'json'] as const).map((is) => [
  [{ is, at: 7, bit: 0 }],
  [5, 3],
]);

it('replay says of a chain with faults what checks one after the other say, whatever is verified first', async () => {
  const chain = await longChain();
  const kinds = ['signature', 'consent', 'json', 'dropped', 'doubled', 'swapped', 'cut'] as const;
  const fault = fc.record({ is: fc.constantFrom(...kinds), at: fc.nat(chain.length), bit: fc.nat(4095) });
  const heard = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 3 }),
      fc.array(fc.nat(63), { minLength: 1, maxLength: 16 }),
      async (faults, turns) => {
        const links = faults.reduce(withFault, chain);
        const expected = await oneByOne(links);
        heard.add(expected.replace(/ at .*/, ''));
        expect(await verdict(replay(shuffling(turns), links, null))).toBe(expected);
      },
    ),
    { numRuns: 40, examples: kindsOfRefusal },
  );
  // It would say little if all of them were refused for their bytes.
  for (const code of ['bad-signature', 'wrong-seqno', 'bad-link']) expect([...heard]).toContain(code);
}, 60_000);
