import type { Answer } from '@palmkey/core/requests';
import { parseRequestHash } from '@palmkey/core/requests';
import { fromHex } from '@palmkey/envelope';
import type { HexId } from '../model/hex-id.ts';
import { answerFor } from './answer-for.ts';
import type { InboxDeps } from './inbox-parts.ts';
import type { RequestShelf } from './request-shelf.ts';

/** How long an answer may wait at the relay, at least: the computer's clock is not this one. */
const MIN_ANSWER_MS = 10_000;

/** What the phone says to computers about their requests (spec/requests.md). */
export class InboxPost {
  readonly #deps: Pick<InboxDeps, 'ports' | 'protocol' | 'send'>;
  readonly #shelf: RequestShelf;

  constructor(deps: Pick<InboxDeps, 'ports' | 'protocol' | 'send'>, shelf: RequestShelf) {
    this.#deps = deps;
    this.#shelf = shelf;
  }

  /** The request is here. */
  received(host: HexId, hash: HexId): void {
    void this.#deps.send(host, { kind: 'received', hash: parseRequestHash(fromHex(hash)) });
  }

  /** The part of its text that begins there is wanted. */
  want(host: HexId, hash: HexId, from: number): void {
    void this.#deps.send(host, { kind: 'want', hash: parseRequestHash(fromHex(hash)), from });
  }

  /**
   * An answer, in words that the computer knows. It waits at the relay for a computer that is away, no longer than it
   * counts. Resolves once it is handed over, or dropped; with false when `still` said so in the moment in which it
   * would leave.
   */
  async answer(host: HexId, hash: HexId, answer: Answer, still?: () => boolean): Promise<boolean> {
    const { ports, protocol, send } = this.#deps;
    const speaks = protocol(host);
    if (speaks === null) return true;
    const said = {
      kind: 'decision',
      hash: parseRequestHash(fromHex(hash)),
      answer: answerFor(speaks, answer),
    } as const;
    const endsAt = this.#shelf.find(host, hash)?.endsAt ?? 0;
    const lifetimeMs = Math.max(MIN_ANSWER_MS, endsAt - ports.clock.now());
    // The ledger is its outbox: what a permission gave must not leave once that has ended.
    return send(host, said, { lifetimeMs, durable: 'once' }, still);
  }
}
