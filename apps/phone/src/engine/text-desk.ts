import type { HexId } from '../model/hex-id.ts';
import type { RequestRow } from '../store/schema.ts';
import { GitTexts, partsOf } from './git-texts.ts';
import type { InboxPost } from './inbox-post.ts';
import type { StoredReplay } from './replay-store.ts';
import type { RequestShelf, Waiting } from './request-shelf.ts';
import type { Turns } from './turns.ts';

/** So many parts may be taken before their numbers are stored: taking one again does nothing. */
const MAX_UNSTORED = 64;

/** What the desk works with. */
export interface TextDeskDeps {
  readonly turns: Turns;
  readonly replay: StoredReplay;
  readonly shelf: RequestShelf;
  readonly post: Pick<InboxPost, 'want'>;
  /** All of a text is here, and nobody has looked at it. */
  readonly onWhole: (row: RequestRow, text: Uint8Array) => Promise<void>;
  /** The computer sends what was not wanted, or cannot be a part of the text. */
  readonly onWrong: (row: RequestRow) => Promise<void>;
}

/** The texts of requests that wait for them: wanted of their computers, part by part. */
export class TextDesk {
  readonly #deps: TextDeskDeps;
  readonly #texts = new GitTexts();

  constructor(deps: TextDeskDeps) {
    this.#deps = deps;
  }

  /** It waits from now on: its text is wanted, if it is not in the request itself. */
  begin({ row, request, subject }: Waiting): void {
    const parts = request.kind === 'git-sign' && subject === null ? partsOf(request) : null;
    if (parts === null) return;
    const wants = this.#texts.begin({ id: row.id, host: row.host, size: parts.size });
    for (const from of wants) this.#deps.post.want(row.host, row.hash, from);
  }

  /** It waits no more: its text can go, and the next one's turn comes. */
  end(id: string): void {
    this.#want(this.#texts.end(id));
  }

  /** Wants again what a computer has not sent: its connection or ours began anew. */
  again(host: HexId): void {
    this.#want(this.#texts.again(host));
  }

  /** How many bytes of a text are here; 0 for one that is not on its way. */
  here(id: string): number {
    return this.#texts.here(id) ?? 0;
  }

  /** A part comes; false where it is of no use. */
  async part(host: HexId, hash: HexId, from: number, bytes: Uint8Array): Promise<boolean> {
    const { turns, replay, shelf, post, onWhole, onWrong } = this.#deps;
    if (replay.unstored > MAX_UNSTORED) await turns.inTab(() => replay.flush());
    const row = shelf.find(host, hash);
    if (row === undefined) return false;
    const verdict = this.#texts.take(row.id, from, bytes);
    switch (verdict.is) {
      case 'ignored':
        return false;
      case 'more':
        for (const offset of verdict.wants) post.want(host, hash, offset);
        return true;
      case 'wrong':
        await onWrong(row);
        return true;
      case 'text':
        await turns.inTab(() => replay.flush());
        await onWhole(row, verdict.bytes);
        return true;
    }
  }

  #want(wants: readonly { readonly id: string; readonly from: number }[]): void {
    const { shelf, post } = this.#deps;
    for (const { id, from } of wants) {
      const row = shelf.get(id);
      if (row !== undefined) post.want(row.host, row.hash, from);
    }
  }
}
