import { fingerprint, parsePublicKey } from '@palmkey/core/ssh';
import { PalmkeyError } from '@palmkey/envelope';
import type { RequestBase, RequestView, Unusual } from '../../model/request-view.ts';
import type { PermissionOffer } from '../../model/model.ts';
import type { SigningRequest } from '../judge.ts';
import type { Pins } from '../pins.ts';
import type { Waiting } from '../request-shelf.ts';
import { fileView } from './file-view.ts';
import { gitView } from './git-view.ts';
import { loginView } from './login-view.ts';

/** What a request's screen is made from, besides the request. */
export interface ViewParts {
  readonly computer: RequestBase['computer'];
  /** What its key is called now. */
  readonly keyName: string;
  readonly pins: Pins;
  readonly offers: readonly PermissionOffer[];
  readonly canPass: boolean;
  /** Bytes of a fetched text that have come. */
  readonly here: number;
}

/** The screen of a request; null for one of which nothing can be shown. */
export function requestView(waiting: Waiting, parts: ViewParts): RequestView | null {
  const { request, subject } = waiting;
  const base = baseOf(waiting, parts);
  if (request.kind === 'git-sign') {
    const commit = subject?.checked.kind === 'git' ? subject.checked : null;
    return gitView(base, request, commit, parts.here);
  }
  switch (subject?.checked.kind) {
    case 'login':
      return loginView(base, subject.checked, subject.certificate, parts.pins);
    case 'file':
      return fileView(base, subject.checked);
    default:
      return null;
  }
}

function baseOf({ row, request, subject, key }: Waiting, parts: ViewParts): RequestBase {
  const { origin } = request;
  const claimed = origin.sure === 'claimed' ? origin : null;
  const unusual: Unusual[] = [];
  if (claimed === null || claimed.programs.length === 0) unusual.push('unknown-program');
  if (subject?.hidden === true) unusual.push('hidden-characters');
  return {
    hash: row.hash,
    computer: parts.computer,
    programs: claimed?.programs ?? [],
    terminal: claimed?.terminal ?? null,
    directory: claimed?.directory ?? null,
    key: {
      name: parts.keyName,
      fingerprint: fingerprint(request.key),
      type: key?.type ?? keyType(request),
      here: key !== null,
    },
    fields: [],
    unusual,
    canPass: parts.canPass,
    offers: parts.offers,
    receivedAt: row.receivedAt,
    endsAt: row.endsAt,
  };
}

/** The type that the blob of a key elsewhere names; empty for what is no key. */
function keyType({ key }: SigningRequest): string {
  try {
    return parsePublicKey(key).type;
  } catch (error) {
    if (error instanceof PalmkeyError) return '';
    throw error;
  }
}
