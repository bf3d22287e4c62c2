import type { Answer } from '@palmkey/core/requests';
import { PalmkeyError } from '@palmkey/envelope';
import type { HexId } from '../model/hex-id.ts';
import type { Aftermath, PermissionGrant } from '../model/model.ts';
import type { PermissionRow } from '../store/schema.ts';
import { aftermathOf } from './decision-record.ts';
import type { InboxParts } from './inbox-parts.ts';
import { canPass, coverableOf } from './inbox-parts.ts';
import { grantableFor } from './permissions/coverage.ts';
import { isPermissionLength } from './permissions/permission-book.ts';
import { hostKeyState, pinOf } from './pins.ts';
import { HostKeyChangedError } from './request-ledger.ts';
import type { Waiting } from './request-shelf.ts';

/**
 * The person's decision cannot be carried out: `not-here` (another phone has the key, or the text is not whole yet),
 * `not-offered` (a permission or a `pass` that the request does not offer).
 */
export class UndecidableError extends PalmkeyError {
  override readonly name = 'UndecidableError';
  readonly code: 'not-here' | 'not-offered';

  constructor(code: 'not-here' | 'not-offered') {
    super(code);
    this.code = code;
  }
}

/** Where the person decides. Part of the caller's turn. */
export class PersonDesk {
  readonly #parts: InboxParts;

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  async decide(
    hash: HexId,
    decision: Aftermath['decision'],
    grant: PermissionGrant | undefined,
  ): Promise<{ readonly host: HexId; readonly answer: Answer } | null> {
    const { ports, state, alive } = this.#parts;
    const waiting = this.#parts.shelf.waitingFor(hash);
    if (waiting === undefined || !alive() || !state.pairings.has(waiting.row.host)) return null;
    const { row, deadline } = waiting;
    const permission = decision === 'approve' && grant !== undefined ? this.#granted(waiting, grant) : null;
    const answer = deadline.isOver() ? null : await this.#personsAnswer(waiting, decision);
    if (answer === null || deadline.isOver()) {
      await this.#parts.expireOne(waiting);
      state.aftermath = aftermathOf(waiting, state, decision, { state: 'unconfirmed', outcome: 'expired' });
      return null;
    }
    const login = waiting.subject?.checked.kind === 'login' ? waiting.subject.checked : null;
    const pin = answer.is === 'approve' && login !== null ? pinOf(login, row.host, ports.clock.now()) : null;
    const outcome = ({ approve: 'approved', reject: 'rejected', pass: 'passed' } as const)[decision];
    if (!(await this.#parts.ledger.decide(waiting, { answer, outcome, pin, permission }))) return null;
    this.#parts.leave(row.id);
    const become = { state: 'sending', outcome: null, permission: permission?.id ?? null } as const;
    state.aftermath = aftermathOf(waiting, state, decision, become);
    return { host: row.host, answer };
  }

  async #personsAnswer(waiting: Waiting, decision: Aftermath['decision']): Promise<Answer> {
    const { row, subject, key } = waiting;
    if (decision === 'reject') return { is: 'reject' };
    if (decision === 'pass') {
      if (!canPass(waiting, this.#parts.protocol)) throw new UndecidableError('not-offered');
      return { is: 'pass' };
    }
    const { keys, pinBook } = this.#parts.state;
    if (key === null || subject === null || !keys.some(({ id }) => id === key.id))
      throw new UndecidableError('not-here');
    const { checked } = subject;
    const changed = checked.kind === 'login' && hostKeyState(checked, row.host, pinBook).is === 'changed';
    if (changed) throw new HostKeyChangedError();
    return { is: 'approve', signature: await key.sign(checked) };
  }

  /** The permission that comes with an approval; throws {@link UndecidableError} `not-offered`. */
  #granted(waiting: Waiting, { scope, minutes }: PermissionGrant): PermissionRow {
    const coverable = coverableOf(waiting, this.#parts.state);
    const grantable = coverable === null ? null : grantableFor(scope, coverable, true);
    if (grantable === null || !isPermissionLength(minutes) || this.#parts.book.isFull)
      throw new UndecidableError('not-offered');
    return this.#parts.book.grant(waiting.row.host, grantable, minutes);
  }
}
