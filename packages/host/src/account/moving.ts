/**
 * The account's way to another relay, or to another address of its own (spec/account.md, "Another relay"): what a member
 * has told is kept first, then the new relay is looked at, and only what holds there is acted on.
 */
import { checkMove, MoveError } from '@palmkey/core/account';
import { FormatError, type Primitives } from '@palmkey/core/crypto';
import { isSafeOrigin } from '@palmkey/core/pairing';
import { type DeviceId, PalmkeyError } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import { ControlError } from '../control/control-error.ts';
import type { AccountFile, PlannedMove } from '../state/account-file.ts';
import type { HostAccount } from './host-account.ts';

/** How long a relay to which the account has moved, and which does not show it, is left alone. */
const retryMs = 60_000;

export interface MovingOptions {
  readonly account: HostAccount;
  readonly file: AccountFile;
  readonly primitives: Primitives;
  readonly clock: Clock;
  /** The account is at another relay; `by` is the member that has told it, null where a person did here. */
  readonly onMoved: (relay: string, by: DeviceId | null) => void;
  readonly onChange: () => void;
  /** A notice that is not followed, by its code; or a fault of this computer. */
  readonly onFault: (error: unknown) => void;
}

/** What keeps this computer where it is: the relay that was told, and why it is not there yet; null: it was not tried. */
export interface MoveTrouble {
  readonly relay: string;
  readonly problem: string | null;
}

export class Moving implements Disposable {
  readonly #options: MovingOptions;
  #problem: string | null = null;
  #cancelRetry: () => void = () => undefined;
  #isTrying = false;
  #isClosed = false;

  constructor(options: MovingOptions) {
    this.#options = options;
  }

  /** Null where nothing is to be done. */
  get trouble(): MoveTrouble | null {
    const { moving } = this.#options.file;
    return moving && { relay: moving.relay, problem: this.#problem };
  }

  /** Goes on with what was told before the program ended. Never rejects. */
  async resume(): Promise<void> {
    if (this.#options.file.moving !== null) await this.#try();
  }

  /** A member says that the account has moved. Never rejects: what is not followed is a fault by its code. */
  async heard(notice: Uint8Array): Promise<void> {
    const { account, file, primitives, onChange, onFault } = this.#options;
    const state = account.activeState;
    if (state === null) return;
    try {
      const last = Math.max(file.moved?.n ?? 0, file.moving?.n ?? 0);
      const { n, relay, by, head } = await checkMove(primitives, state, notice, last);
      if (relay === account.place?.relay) account.noteMove(n);
      else file.plan({ n, relay, by, head });
      // Whatever kept it from following the one before says nothing of this one.
      this.#done();
      onChange();
      await this.#try();
    } catch (error) {
      const isOld = error instanceof MoveError && error.code === 'not-newer';
      // A phone tells it until this computer was seen at the new place.
      if (!isOld) onFault(error instanceof FormatError ? new ControlError('bad-move', {}, { cause: error }) : error);
    }
  }

  /**
   * A person says that the account's relay is to be found there.
   * @throws ControlError `not-in-account`, `bad-relay`, `move-unreachable`, `move-refused`; StateError
   */
  async byHand(relay: string): Promise<void> {
    const { account, file, onMoved } = this.#options;
    if (account.activeState === null || account.place === null) throw new ControlError('not-in-account');
    if (!isSafeOrigin(relay)) throw new ControlError('bad-relay', { relay });
    if (relay === account.place.relay) return;
    await account.moveTo({ relay, n: file.moved?.n ?? 0, head: null });
    this.#done();
    onMoved(relay, null);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#cancelRetry();
  }

  async #try(): Promise<void> {
    if (this.#isTrying || this.#isClosed) return;
    this.#isTrying = true;
    this.#cancelRetry();
    try {
      for (let plan = this.#plan; plan !== null; plan = this.#after(plan)) await this.#follow(plan);
    } finally {
      this.#isTrying = false;
    }
  }

  get #plan(): PlannedMove | null {
    return this.#options.file.moving;
  }

  /** Another one may have come meanwhile. */
  #after(done: PlannedMove): PlannedMove | null {
    return this.#plan !== null && this.#plan.n > done.n && !this.#isClosed ? this.#plan : null;
  }

  async #follow(plan: PlannedMove): Promise<void> {
    const { account, file, clock, onMoved, onChange, onFault } = this.#options;
    try {
      // Whoever told it may have been taken out while the new relay was not there.
      if (account.activeState?.find(plan.by)?.kind !== 'member') {
        file.plan(null);
        this.#done();
        onFault(new MoveError('not-a-member'));
        onChange();
        return;
      }
      await account.moveTo(plan);
      this.#done();
      onMoved(plan.relay, plan.by);
    } catch (error) {
      if (this.#isClosed) return;
      const code = codeOf(error);
      if (code !== this.#problem) onFault(error);
      this.#problem = code;
      this.#cancelRetry = clock.after(retryMs, () => void this.#try());
      onChange();
    }
  }

  #done(): void {
    this.#problem = null;
    this.#cancelRetry();
  }
}

/** Why the chain there is refused says more than that it is. */
function codeOf(error: unknown): string {
  if (!(error instanceof PalmkeyError)) return 'internal';
  const reason = error instanceof ControlError ? error.detail.reason : undefined;
  return typeof reason === 'string' ? reason : error.code;
}
