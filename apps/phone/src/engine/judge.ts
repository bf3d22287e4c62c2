import type { Answer, PingRequest, Request } from '@palmkey/core/requests';
import { parseRequest } from '@palmkey/core/requests';
import type { HostKeyVerifier } from '@palmkey/core/ssh';
import { BindError } from '@palmkey/core/ssh';
import { PalmkeyError } from '@palmkey/envelope';
import type { Checked } from '../keyring/checked.ts';
import { CheckedCommit } from '../keyring/checked-commit.ts';
import { CheckedFile } from '../keyring/checked-file.ts';
import { CheckedLogin } from '../keyring/checked-login.ts';
import type { UserKey } from '../keyring/user-key.ts';
import type { CertificateView } from '../model/request-view.ts';
import { certificateView } from './views/certificate-view.ts';
import { hasHiddenCharacters } from './views/hidden-characters.ts';

/** A request that asks for a signature. */
export type SigningRequest = Exclude<Request, PingRequest>;

/** What was understood of a request, and what was found out about it once. */
export interface Subject {
  readonly checked: Checked;
  /** The certificate that the server showed, if it did. */
  readonly certificate: CertificateView | null;
  readonly hidden: boolean;
}

/** A request for a person to decide. */
export interface WaitVerdict {
  readonly is: 'wait';
  readonly request: SigningRequest;
  /** Null while the text of a commit or tag has to be fetched. */
  readonly subject: Subject | null;
  /** Null: another phone has it. */
  readonly key: UserKey | null;
}

/** A request that the phone answers by itself. */
export interface AnswerVerdict {
  readonly is: 'answer';
  readonly answer: Answer;
  readonly request: Request;
  /** What the history can tell about it. */
  readonly subject: Subject | null;
}

/** What becomes of a request by itself, before anybody is asked and apart from what came before. */
export type Verdict = WaitVerdict | AnswerVerdict | { readonly is: 'unreadable' };

/** What a request is judged with. */
export interface Judging {
  readonly verify: HostKeyVerifier;
  readonly now: number;
  /** The key of a blob: this phone's, one that is taken to be another phone's, or one that nobody has. */
  readonly keyFor: (blob: Uint8Array) => UserKey | 'elsewhere' | 'unknown';
}

/**
 * Judges a request's bytes by the table of refusals in spec/requests.md. `sentAt` is the time in the message around
 * it, by the computer's own clock like the request's. Never throws for what a computer sent.
 */
export async function judgeRequest(bytes: Uint8Array, sentAt: number, judging: Judging): Promise<Verdict> {
  const request = parsed(bytes);
  if (request === null) return { is: 'unreadable' };
  if (sentAt >= request.expires) return refused('expired', request);
  if (request.kind === 'ping')
    return { is: 'answer', answer: { is: 'approve', signature: new Uint8Array() }, request, subject: null };
  const subject = await understand(bytes, request, judging);
  if (subject === 'bad-bind' || subject === 'unparsable') return refused(subject, request);
  const key = judging.keyFor(request.key);
  if (key === 'unknown') return refused('unknown-key', request, subject);
  return { is: 'wait', request, subject, key: key === 'elsewhere' ? null : key };
}

/** Understands a commit or tag whose text was fetched; null where the text is none, or not the one asked for. */
export async function understandText(bytes: Uint8Array, text: Uint8Array, judging: Judging): Promise<Subject | null> {
  try {
    return await subjectOf(await CheckedCommit.check(bytes, text), judging);
  } catch (error) {
    if (error instanceof PalmkeyError) return null;
    throw error;
  }
}

async function understand(
  bytes: Uint8Array,
  request: SigningRequest,
  judging: Judging,
): Promise<Subject | null | 'bad-bind' | 'unparsable'> {
  try {
    switch (request.kind) {
      case 'ssh-sign':
        return await subjectOf(await CheckedLogin.check(bytes, judging.verify), judging);
      case 'git-sign':
        if (request.object.is === 'parts') return null;
        return await subjectOf(await CheckedCommit.check(bytes, null), judging);
      case 'file-sign':
        return await subjectOf(CheckedFile.check(bytes), judging);
    }
  } catch (error) {
    if (error instanceof BindError) return 'bad-bind';
    if (error instanceof PalmkeyError) return 'unparsable';
    throw error;
  }
}

async function subjectOf(checked: Checked, { verify, now }: Judging): Promise<Subject> {
  const certificate = checked.kind === 'login' ? await certificateView(checked, verify, now) : null;
  return { checked, certificate, hidden: hasHiddenCharacters(checked) };
}

function parsed(bytes: Uint8Array): Request | null {
  try {
    return parseRequest(bytes);
  } catch (error) {
    if (error instanceof PalmkeyError) return null;
    throw error;
  }
}

function refused(
  code: 'unparsable' | 'bad-bind' | 'unknown-key' | 'expired',
  request: Request,
  subject: Subject | null = null,
): AnswerVerdict {
  return { is: 'answer', answer: { is: 'refuse', code, skew: null }, request, subject };
}
