import { signedBytes } from '@palmkey/envelope';
import { consentCheck, holds, type SignatureCheck } from './consent.ts';
import { ChainDraft } from './draft.ts';
import { ChainError, type ChainErrorCode } from './errors.ts';
import { parseLinkHash, type SignedLink } from './link.ts';
import { parseLink } from './link-json.ts';
import type { ChainPrimitives } from './ports.ts';
import { checkEnd, takeLink } from './rules.ts';
import type { ChainState } from './state.ts';

/** How many signatures are verified at once: a chain of wrong ones costs no more than these. */
const MAX_AT_ONCE = 64;

/** A signature that is still to be verified, and what is said of its link if it does not hold. */
interface Unverified extends SignatureCheck {
  readonly code: Extract<ChainErrorCode, 'bad-signature' | 'bad-reverse-signature'>;
  readonly seqno: number;
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
  let unverified: Unverified[] = [];
  const verifyAll = async (): Promise<void> => {
    const checks = unverified;
    unverified = [];
    const held = await Promise.all(checks.map((check) => holds(primitives, check)));
    const failed = checks[held.indexOf(false)];
    if (failed) throw new ChainError(failed.code, failed.seqno);
  };
  try {
    for (const link of links) {
      take(primitives, draft, link, (signature) => unverified.push(signature));
      if (unverified.length >= MAX_AT_ONCE) await verifyAll();
    }
    checkEnd(draft);
  } catch (error) {
    // Each signature that waits stands before this error in the order of checks.
    await verifyAll();
    throw error;
  }
  await verifyAll();
  return draft.done();
}

function take(
  { sha256 }: ChainPrimitives,
  draft: ChainDraft,
  { json, signature }: SignedLink,
  verifyLater: (signature: Unverified) => void,
): void {
  const seqno = draft.seqno + 1;
  const parsed = parseLink(json);
  if (parsed.is === 'refused') throw new ChainError(parsed.code, seqno);
  takeLink(draft, parsed.link, parseLinkHash(sha256(json)), {
    sha256,
    signedBy: (publicKey) =>
      verifyLater({ code: 'bad-signature', seqno, publicKey, message: signedBytes('account-link', json), signature }),
    agreed: (link) => verifyLater({ code: 'bad-reverse-signature', seqno, ...consentCheck(link) }),
  });
}
