import type { HexId } from '../model/hex-id.ts';
import type { Aftermath } from '../model/model.ts';
import type { HistoryRow } from '../store/schema.ts';
import { historyId } from './history.ts';
import type { SigningRequest, Subject } from './judge.ts';
import type { PhoneState } from './phone-state.ts';
import { serverFingerprint } from './pins.ts';
import type { Waiting } from './request-shelf.ts';
import { subjectOf } from './views/git-view.ts';

/** What of a request is known. */
export interface Shown {
  readonly request: SigningRequest | null;
  readonly subject: Subject | null;
  readonly keyName: string | null;
}

/** How a request ended. */
export type Ending = Pick<HistoryRow, 'outcome'> & Partial<Pick<HistoryRow, 'refusal' | 'skewMs' | 'signed' | 'by'>>;

/** A new line of the history. */
export function historyLine(
  about: { readonly host: HexId; readonly hash: HexId; readonly at: number; readonly computer: string },
  { request, subject, keyName }: Shown,
  ending: Ending,
): HistoryRow {
  const checked = subject?.checked ?? null;
  const login = checked?.kind === 'login' ? checked : null;
  const repository = request?.kind === 'git-sign' ? request.repository : null;
  return {
    id: historyId(about.host, about.hash),
    hash: about.hash,
    at: about.at,
    kind: kindOf(request),
    subject: subjectLine(subject),
    repository: repository === null ? null : (repository.remote ?? repository.directory),
    by: null,
    computer: about.computer,
    user: login?.userauth.user ?? null,
    host: login?.request.host?.name ?? null,
    hostFingerprint: login === null ? null : serverFingerprint(login),
    keyName,
    refusal: null,
    skewMs: null,
    confirmed: false,
    signed: false,
    ...ending,
  };
}

/** The one line about the decision just made. */
export function aftermathOf(
  { row, request, subject }: Waiting,
  state: PhoneState,
  decision: Aftermath['decision'],
  become: Pick<Aftermath, 'state' | 'outcome'> & Partial<Pick<Aftermath, 'permission'>>,
): Aftermath {
  const login = subject?.checked.kind === 'login' ? subject.checked : null;
  const host = login?.request.host ?? null;
  const title =
    login === null
      ? (subjectLine(subject) ?? (request.kind === 'git-sign' ? (request.repository?.directory ?? null) : null))
      : host === null
        ? login.userauth.user
        : `${login.userauth.user}@${host.name}`;
  return { hash: row.hash, computer: state.computerName(row.host), title, decision, permission: null, ...become };
}

function kindOf(request: SigningRequest | null): HistoryRow['kind'] {
  if (request === null || request.kind === 'ssh-sign') return 'login';
  return request.kind === 'git-sign' ? 'git' : 'file';
}

/** git: the subject, for a tag its name; file: the namespace. */
function subjectLine(subject: Subject | null): string | null {
  switch (subject?.checked.kind) {
    case 'git': {
      const { object } = subject.checked;
      const line = subjectOf(object.message);
      if (line !== '') return line;
      return object.kind === 'tag' ? object.tag : null;
    }
    case 'file':
      return subject.checked.data.namespace;
    default:
      return null;
  }
}
