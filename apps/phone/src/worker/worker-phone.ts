import type { SealedBody } from '@palmkey/envelope';
import { toHex } from '@palmkey/envelope';
import { Deadline } from '../engine/deadline.ts';
import type { NoticeDecision, Word } from '../engine/neighbours.ts';
import type { HexId } from '../model/hex-id.ts';
import type { NoticeBoard } from '../notices/notice.ts';
import type { NoticeResult } from '../notices/notice-words.ts';
import {
  claimedNotice,
  littleNotice,
  overNotice,
  requestTag,
  resultNotice,
  unfetchedNotice,
} from '../notices/notice-words.ts';
import { Shift } from './shift.ts';
import type { WatchPorts } from './watch.ts';
import { Watch } from './watch.ts';

/** How long a push may take to become a question or an answer. */
const FETCH_WITHIN_MS = 10_000;
/** How long a question is looked after, so that its notification goes when it is answered elsewhere; browsers allow 30 s. */
const STAY_MS = 14_000;
/** What comes in a burst is taken in one go: so long after the last of it. */
const LINGER_MS = 2_000;
/** How long the computer's word on an answer is waited for. */
const CONFIRM_WITHIN_MS = 6_000;
/** How long the word on an answer stands. */
const RESULT_MS = 4_000;

/** What the phone in the worker runs on. */
export interface WorkerPorts extends WatchPorts {
  readonly board: NoticeBoard;
}

/**
 * The phone while none of its pages answers: woken by a push or by a tap on a notification, it connects, answers what a
 * permission covers, asks the person the rest, and ends.
 */
export class WorkerPhone {
  readonly #ports: WorkerPorts;
  #shift: Shift | null = null;
  /** One event after the other takes the turn, or joins whoever has it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(ports: WorkerPorts) {
    this.#ports = ports;
  }

  /** Something was pushed: a sealed preview, or nothing that could be one. Resolves when all is done. */
  async push(body: SealedBody | null): Promise<void> {
    const { board } = this.#ports;
    await this.#withShift(
      { is: 'push' },
      ({ is }) => is === 'mine',
      async (shift) => {
        const { watch, keeper } = shift;
        if (watch.isShut) {
          await board.show(littleNotice(1));
          return;
        }
        const conversation = watch.session?.conversation;
        const preview = body === null ? null : ((await conversation?.incoming.openPreview(body)) ?? null);
        const known = (): boolean => preview !== null && conversation?.inbox.knows(preview.hash) === true;
        await watch.until(() => shift.waits || shift.answered || known(), FETCH_WITHIN_MS);
        await shift.tell();
        if (watch.isOver) return;
        if (!shift.waits && !shift.answered) {
          const claimed = preview === null || keeper.little ? unfetchedNotice : claimedNotice(preview);
          await board.show(known() ? overNotice : claimed);
        }
        await this.#stay(shift);
        await shift.tell();
      },
      // In sight, a page shows it; where nobody could say whose turn it is, at least that something came.
      async (turn) => (turn.is === 'busy' ? board.show(unfetchedNotice) : undefined),
    );
  }

  /** The person answered on a notification. */
  async decide(hash: HexId, decision: NoticeDecision): Promise<void> {
    const { board, clock, primitives } = this.#ports;
    const question = toHex(primitives.randomBytes(16));
    await this.#withShift(
      { is: 'decide', question, hash, decision },
      (said) => said.is === 'decided' && said.question === question,
      async (shift) => {
        const result = await this.#decideHere(shift, hash, decision);
        await shift.keeper.result(resultNotice(hash, result));
        if (result === 'look' || result === 'unreached') return;
        await clock.after(RESULT_MS);
        await board.close(requestTag(hash));
      },
      async (turn) => {
        const done = turn.is === 'page' && turn.said.is === 'decided' && turn.said.done;
        await board.show(resultNotice(hash, done ? decision : 'look'));
        if (!done) return;
        await clock.after(RESULT_MS);
        await board.close(requestTag(hash));
      },
    );
  }

  /** Stays until nothing has been left to do for a moment, or the time is over. */
  async #stay(shift: Shift): Promise<void> {
    const { watch } = shift;
    const end = Deadline.start(this.#ports.clock, STAY_MS);
    const within = (ms: number): number => Math.max(0, Math.min(ms, end.remainingMs()));
    do await watch.until(() => shift.isIdle, within(STAY_MS));
    while ((await watch.until(() => !shift.isIdle, within(LINGER_MS))) && !end.isOver());
  }

  /** The browser has made another subscription: the relay is told. A page that has the connection does so by itself. */
  async renew(): Promise<void> {
    await this.#withShift(
      { is: 'push' },
      ({ is }) => is === 'mine',
      async ({ watch }) => {
        if (watch.isShut) return;
        await watch.until(() => watch.isConnected, FETCH_WITHIN_MS);
        await watch.session?.conversation?.registerAnew();
      },
      () => undefined,
    );
  }

  async #decideHere({ watch }: Shift, hash: HexId, decision: NoticeDecision): Promise<NoticeResult> {
    const { session, state } = watch;
    const line = () => state.history.find((entry) => entry.hash === hash);
    if (session?.conversation == null) return 'look';
    if (!state.waiting().some((request) => request.hash === hash)) return session.lock.locked ? 'look' : 'over';
    try {
      // A page that takes over in between decides nothing by that.
      if (!(await session.decideFromNotice(hash, decision))) return watch.isOver ? 'look' : 'over';
    } catch {
      // It stands as it stood: another page has it by now, or it has to be looked at.
      return 'look';
    }
    const confirmed = await watch.until(() => line()?.confirmed === true, CONFIRM_WITHIN_MS);
    return confirmed || watch.isConnected ? decision : 'unreached';
  }

  /** Runs one event in the shift that there is, or in a new one. */
  async #withShift(
    word: Word,
    settles: (said: Word) => boolean,
    here: (shift: Shift) => Promise<void>,
    elsewhere: (turn: ElsewhereTurn) => Promise<void> | undefined,
  ): Promise<void> {
    const taken = this.#last.then(async () => {
      if (this.#shift !== null && !this.#shift.watch.isOver) return { shift: this.#shift, leave: this.#shift.join() };
      const begun = await Watch.begin(this.#ports, word, settles);
      if (!(begun instanceof Watch)) return begun;
      const shift = new Shift(begun, this.#ports.board);
      this.#shift = shift;
      return { shift, leave: shift.join() };
    });
    this.#last = taken.catch(() => undefined);
    const turn = await taken;
    if ('is' in turn) {
      await elsewhere(turn);
      return;
    }
    try {
      await here(turn.shift);
    } finally {
      turn.leave();
    }
  }
}

type ElsewhereTurn = Exclude<Awaited<ReturnType<typeof Watch.begin>>, Watch>;
