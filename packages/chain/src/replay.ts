import { signedBytes } from '@palmkey/envelope';
import { consentCheckIn, holds, type SignatureCheck } from './consent.ts';
import { ChainDraft } from './draft.ts';
import { ChainError, type ChainErrorCode } from './errors.ts';
import { parseLinkHash, type SignedLink } from './link.ts';
import { parseLink } from './link-json.ts';
import type { ChainPrimitives } from './ports.ts';
import { checkEnd, takeLink } from './rules.ts';
import type { ChainState } from './state.ts';

/** How many signatures are under way at most: a chain of wrong ones costs no more than these. */
const MAX_AT_ONCE = 64;
/** How many are waited for when that is reached; the others are verified while the next links are read. */
const WAITED_FOR = MAX_AT_ONCE / 2;

/** A signature that is being verified, and what is said of its link if it does not hold. */
interface Verifying {
  readonly code: Extract<ChainErrorCode, 'bad-signature' | 'bad-reverse-signature'>;
  readonly seqno: number;
  readonly held: Promise<boolean>;
}

/**
 * Goes through links one by one, from nothing or from a state that was reached before (spec/account.md, "Replay").
 *
 * Rejects with {@link ChainError} of the first link that is wrong and of the first thing that is wrong with it; no link
 * at all where there is no state is `incomplete`. `from` stays as it is. Takes the time of the new links.
 */
export async function replay(
  primitives: ChainPrimitives,
  links: readonly SignedLink[],
  from: ChainState | null,
): Promise<ChainState> {
  const draft = new ChainDraft(from);
  const verifying: Verifying[] = [];
  const verifyFirst = async (count: number): Promise<void> => {
    for (const { code, seqno, held } of verifying.splice(0, count)) {
      if (!(await held)) throw new ChainError(code, seqno);
    }
  };
  const refuse = async (error: unknown): Promise<never> => {
    // Each signature that waits stands before this error in the order of checks.
    await verifyFirst(verifying.length);
    throw error;
  };
  for (const link of links) {
    try {
      take(primitives, draft, link, (signature) => verifying.push(signature));
    } catch (error) {
      await refuse(error);
    }
    if (verifying.length >= MAX_AT_ONCE) await verifyFirst(WAITED_FOR);
  }
  try {
    checkEnd(draft);
  } catch (error) {
    await refuse(error);
  }
  await verifyFirst(verifying.length);
  return draft.done();
}

function take(
  primitives: ChainPrimitives,
  draft: ChainDraft,
  { json, signature }: SignedLink,
  verifies: (signature: Verifying) => void,
): void {
  const seqno = draft.seqno + 1;
  const parsed = parseLink(json);
  if (parsed.is === 'refused') throw new ChainError(parsed.code, seqno);
  const { text } = parsed;
  const begin = (code: Verifying['code'], check: SignatureCheck): void => {
    const held = holds(primitives, check);
    // Whoever waits for it hears of a verifier that fails; until then nobody may.
    held.catch(() => undefined);
    verifies({ code, seqno, held });
  };
  takeLink(draft, parsed.link, parseLinkHash(primitives.sha256(json)), {
    sha256: primitives.sha256,
    signedBy: (publicKey) =>
      begin('bad-signature', { publicKey, message: signedBytes('account-link', json), signature }),
    agreed: (link) => begin('bad-reverse-signature', consentCheckIn(text, link)),
  });
}
