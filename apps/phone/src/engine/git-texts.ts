import type { GitSignRequest } from '@palmkey/core/requests';
import { MAX_PART_BYTES } from '@palmkey/core/requests';
import type { HexId } from '../model/hex-id.ts';

/** So many wants are on their way at a time (spec/requests.md). */
const MAX_WANTS = 4;

/** A request whose text travels in parts. */
export interface TextAsked {
  /** The request's row. */
  readonly id: string;
  readonly host: HexId;
  readonly size: number;
}

/** What a part did: `more` is to come, the `text` is whole, it was `ignored`, or it is `wrong`. */
export type PartVerdict =
  | { readonly is: 'more'; readonly wants: readonly number[] }
  | { readonly is: 'text'; readonly bytes: Uint8Array }
  | { readonly is: 'ignored' }
  | { readonly is: 'wrong' };

interface Fetching {
  readonly asked: TextAsked;
  /** Made when its turn comes. */
  bytes: Uint8Array | null;
  readonly have: Set<number>;
  readonly wanted: Set<number>;
  /** The first offset that was not wanted yet. */
  next: number;
}

/**
 * Long texts on their way here, in memory only: at most one of each computer at a time, in the order they were asked,
 * so that no computer can have more held than the 8 MiB of one request.
 */
export class GitTexts {
  readonly #fetching = new Map<string, Fetching>();

  /** Notes a text that is needed, and returns what to want of it now: nothing while another one comes first. */
  begin(asked: TextAsked): readonly number[] {
    this.#fetching.set(asked.id, { asked, bytes: null, have: new Set(), wanted: new Set(), next: 0 });
    return this.#isFirst(asked) ? this.#wants(asked.id) : [];
  }

  /** How many bytes of a text are here; null for one that is not being fetched. */
  here(id: string): number | null {
    const fetching = this.#fetching.get(id);
    if (fetching === undefined) return null;
    return Math.min(fetching.have.size * MAX_PART_BYTES, fetching.asked.size);
  }

  /** Whether so much of it is here that nothing is missing. */
  isWhole(id: string): boolean {
    return this.here(id) === this.#fetching.get(id)?.asked.size;
  }

  /** Takes a part. What was not wanted, does not begin where it should or has another length is wrong. */
  take(id: string, from: number, bytes: Uint8Array): PartVerdict {
    const fetching = this.#fetching.get(id);
    if (fetching === undefined || fetching.have.has(from)) return { is: 'ignored' };
    const { size } = fetching.asked;
    if (!fetching.wanted.has(from) || bytes.length !== Math.min(MAX_PART_BYTES, size - from)) return { is: 'wrong' };
    fetching.bytes ??= new Uint8Array(size);
    fetching.bytes.set(bytes, from);
    fetching.wanted.delete(from);
    fetching.have.add(from);
    if (this.isWhole(id)) {
      const whole = fetching.bytes;
      // Whoever checks it has it now; the turn of its computer lasts until the request is over.
      fetching.bytes = null;
      return { is: 'text', bytes: whole };
    }
    return { is: 'more', wants: this.#wants(id) };
  }

  /** What to want again of a computer after its connection or ours began anew. */
  again(host: HexId): readonly { readonly id: string; readonly from: number }[] {
    return [...this.#fetching.values()]
      .filter(({ asked }) => asked.host === host && this.#isFirst(asked))
      .flatMap(({ asked, wanted }) =>
        (wanted.size === 0 ? this.#wants(asked.id) : [...wanted]).map((from) => ({ id: asked.id, from })),
      );
  }

  /** Lets go of a text; returns what to want now of the one that was behind it. */
  end(id: string): readonly { readonly id: string; readonly from: number }[] {
    const gone = this.#fetching.get(id);
    if (gone === undefined || !this.#fetching.delete(id)) return [];
    const next = [...this.#fetching.values()].find(({ asked }) => asked.host === gone.asked.host);
    if (next === undefined || next.next > 0) return [];
    return this.#wants(next.asked.id).map((from) => ({ id: next.asked.id, from }));
  }

  #isFirst({ id, host }: TextAsked): boolean {
    return [...this.#fetching.values()].find(({ asked }) => asked.host === host)?.asked.id === id;
  }

  #wants(id: string): readonly number[] {
    const fetching = this.#fetching.get(id);
    const wants: number[] = [];
    while (fetching !== undefined && fetching.wanted.size < MAX_WANTS && fetching.next < fetching.asked.size) {
      wants.push(fetching.next);
      fetching.wanted.add(fetching.next);
      fetching.next += MAX_PART_BYTES;
    }
    return wants;
  }
}

/** The text of a request that travels in parts; null for one that carries its own. */
export function partsOf(request: GitSignRequest): { readonly size: number } | null {
  return request.object.is === 'parts' ? { size: request.object.size } : null;
}
