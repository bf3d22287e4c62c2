import type { FileSignRequest, GitSignRequest } from '@palmkey/core/requests';
import { MAX_PART_BYTES, MAX_WHOLE_OBJECT_BYTES, parseRequestHash, parseRequestId } from '@palmkey/core/requests';
import { encodeSshsigData } from '@palmkey/core/ssh';
import { fromHex } from '@palmkey/envelope';
import type { FakeHost } from './fake-host.ts';

/** The text of a commit, as git gives it to be signed. */
export function commitText(
  message = 'Keep the order of the queue\n\nIt matters.\n',
  headers: readonly string[] = [],
): Uint8Array<ArrayBuffer> {
  const person = 'Ada Example <ada@example.org> 1773320700 +0100';
  const parts = [`tree ${'1'.repeat(40)}`, `parent ${'2'.repeat(40)}`, `author ${person}`, `committer ${person}`];
  return new TextEncoder().encode(`${[...parts, ...headers].join('\n')}\n\n${message}`);
}

interface Common {
  readonly key: Uint8Array;
  readonly now: number;
  readonly id?: Uint8Array;
}

const origin = { sure: 'claimed', programs: ['zsh', 'git'], terminal: 'ttys001', directory: '~/src/shop' } as const;
const timed = ({ now, id }: Common) => ({
  id: parseRequestId(id ?? crypto.getRandomValues(new Uint8Array(16))),
  issued: now,
  expires: now + 90_000,
});

/** A request to sign a text: itself in it, or in parts when it is long. */
export async function gitRequest(
  options: Common & { readonly text?: Uint8Array<ArrayBuffer> },
): Promise<GitSignRequest> {
  const text = options.text ?? commitText();
  const sha256 = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  const parts = { is: 'parts', size: text.length, sha256 } as const;
  return {
    kind: 'git-sign',
    ...timed(options),
    key: options.key,
    object: text.length > MAX_WHOLE_OBJECT_BYTES ? parts : { is: 'whole', bytes: text },
    repository: { directory: '~/src/shop', remote: 'git@example.org:shop.git' },
    origin,
  };
}

/** A request to sign a file. */
export function fileRequest(options: Common & { readonly namespace?: string }): FileSignRequest {
  const { key, namespace = 'file' } = options;
  const data = encodeSshsigData({ namespace, hash: 'sha512', digest: new Uint8Array(64).fill(9) });
  return { kind: 'file-sign', ...timed(options), key, data, origin };
}

/** A computer that hands out the parts of a text, as they are wanted; returns the wants it has seen. */
export async function servePart(host: FakeHost, hash: string, text: Uint8Array, from: number): Promise<void> {
  const bytes = text.slice(from, from + MAX_PART_BYTES);
  await host.say({ kind: 'part', hash: parseRequestHash(fromHex(hash)), from, bytes });
}
