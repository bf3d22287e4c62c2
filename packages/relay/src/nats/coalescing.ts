import { coalescingKeyOf, isDurable } from '@palmkey/envelope';
import { deviceKey } from '../device-key.ts';
import type { Mail } from '../post/post-office.ts';

/** How many messages that may be replaced are remembered. */
const MOST = 20_000;

/**
 * Where the last message of each (recipient, sender, coalescing key) stands that this node put into the stream: the
 * next one replaces it there, so that what covers a state fills no mailbox.
 */
export class Coalescing {
  readonly #last = new Map<string, number>();

  /** Mail was stored under this number; the number of the one that it replaces, if there may be one. */
  stored(mail: Mail, sequence: number): number | undefined {
    const key = coalescingKeyOf(mail.frame);
    if (key === 0 || isDurable(mail.frame)) return undefined;
    const name = `${deviceKey(mail.to)}${deviceKey(mail.from)}${key}`;
    const former = this.#last.get(name);
    this.#last.delete(name);
    this.#last.set(name, sequence);
    const oldest = this.#last.keys().next();
    if (this.#last.size > MOST && oldest.done !== true) this.#last.delete(oldest.value);
    return former;
  }
}
