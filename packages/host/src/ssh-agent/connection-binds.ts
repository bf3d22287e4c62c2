import { equal } from '@palmkey/envelope';
import type { SessionBind } from '@palmkey/core/ssh';
import { MAX_BINDS, verifySessionBind } from '@palmkey/core/ssh';
import { nodeHostKeyVerifier } from '../keys/node-host-key-verifier.ts';

/**
 * The session-binds of one connection, in order (spec/ssh.md, "The agent"). ssh goes on after a bind that failed, so
 * that one is remembered: from then on the connection is {@link poisoned}, and nothing makes it well.
 */
export class ConnectionBinds {
  readonly #binds: SessionBind[] = [];
  #poisoned = false;

  get poisoned(): boolean {
    return this.#poisoned;
  }

  get all(): readonly SessionBind[] {
    return [...this.#binds];
  }

  poison(): void {
    this.#poisoned = true;
  }

  /** `added`; `known`, where the same session of the same server was bound before; or `refused`, which poisons. */
  async add(bind: SessionBind): Promise<'added' | 'known' | 'refused'> {
    const same = this.#binds.find((known) => equal(known.sessionId, bind.sessionId));
    if (same !== undefined && equal(same.hostKey, bind.hostKey)) return 'known';
    const last = this.#binds.at(-1);
    const fits = same === undefined && last?.forwarding !== false && this.#binds.length < MAX_BINDS;
    if (!fits || !(await verifySessionBind(nodeHostKeyVerifier, bind))) {
      this.#poisoned = true;
      return 'refused';
    }
    this.#binds.push(bind);
    return 'added';
  }
}
