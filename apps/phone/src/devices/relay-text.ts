/** The relay that a scanned or typed text names, before the engine is given it. */
import { parsePairingUrl } from '@palmkey/core/pairing';
import { parseJoinUrl } from '@palmkey/core/provisioning';
import { invitationIn, PalmkeyError } from '@palmkey/envelope';

/** Where a text leads. */
export interface NamedRelay {
  /** As it stands there: whether it is an address that may be used, the engine says. */
  readonly relay: string;
  /** An invitation code that stands beside it; null for none. */
  readonly invitation: string | null;
}

/** What is printed for a computer: `palmkey up --relay URL --invite CODE`. */
const COMMAND = /--relay[ =](\S+)(?:.*--invite[ =](\S+))?/;

/**
 * The relay in the code of a computer that pairs or of a device that is added, in an invitation's link, in the command
 * for a computer, or in any address of the web; null for a text that names none. Secrets of such a code are left
 * unread.
 */
export function relayIn(text: string): NamedRelay | null {
  const trimmed = text.trim();
  const linked = linkedRelay(trimmed);
  if (linked !== null) return { relay: linked, invitation: null };
  const [, relay, code] = COMMAND.exec(trimmed) ?? [];
  if (relay !== undefined) return { relay, invitation: code ?? null };
  if (!/^https?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) return null;
  const { origin, hash } = new URL(trimmed);
  return { relay: origin, invitation: invitationIn(hash) };
}

/** A code that is no link of ours, or of another version, is an address like any other. */
function linkedRelay(text: string): string | null {
  for (const parse of [parsePairingUrl, parseJoinUrl]) {
    try {
      return parse(text).relay;
    } catch (error) {
      if (!(error instanceof PalmkeyError)) throw error;
    }
  }
  return null;
}
