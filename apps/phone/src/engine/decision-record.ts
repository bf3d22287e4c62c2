import type { CheckedLogin } from '../keyring/checked-login.ts';
import type { UserKey } from '../keyring/user-key.ts';
import type { Aftermath, HexId } from '../model/model.ts';
import type { HistoryRow } from '../store/schema.ts';
import { historyId } from './history.ts';
import type { PhoneState } from './phone-state.ts';
import { serverFingerprint } from './pins.ts';
import type { Waiting } from './request-shelf.ts';

/** What of a request was understood. */
export interface Shown {
  readonly login: CheckedLogin;
  readonly key?: UserKey;
}

/** How a request ended. */
export type Ending = Pick<HistoryRow, 'outcome'> & Partial<Pick<HistoryRow, 'refusal' | 'skewMs' | 'signed' | 'by'>>;

/** A new line of the history. */
export function historyLine(
  about: { readonly host: HexId; readonly hash: HexId; readonly at: number; readonly computer: string },
  shown: Shown | null,
  ending: Ending,
): HistoryRow {
  return {
    id: historyId(about.host, about.hash),
    hash: about.hash,
    at: about.at,
    kind: 'login',
    subject: null,
    repository: null,
    by: null,
    computer: about.computer,
    user: shown?.login.userauth.user ?? null,
    host: shown?.login.request.host?.name ?? null,
    hostFingerprint: shown === null ? null : serverFingerprint(shown.login),
    keyName: shown?.key?.name ?? null,
    refusal: null,
    skewMs: null,
    confirmed: false,
    signed: false,
    ...ending,
  };
}

/** The one line about the decision just made. */
export function aftermathOf(
  { row, login }: Waiting,
  state: PhoneState,
  decision: Aftermath['decision'],
  become: Pick<Aftermath, 'state' | 'outcome'>,
): Aftermath {
  const { host } = login.request;
  const title = host === null ? login.userauth.user : `${login.userauth.user}@${host.name}`;
  return { hash: row.hash, computer: state.computerName(row.host), title, decision, permission: null, ...become };
}
