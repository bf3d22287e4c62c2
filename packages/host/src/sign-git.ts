/** A signature of a commit or tag for git: the text is read strictly before anybody is asked, and the phone shows all of it. */
import { createHash } from 'node:crypto';
import { toPlainText } from '@palmkey/core/devices';
import { GitFormatError, type GitObject, gitSignedData, parseGitObject } from '@palmkey/core/git';
import { type GitSignRequest, MAX_OBJECT_BYTES, MAX_WHOLE_OBJECT_BYTES } from '@palmkey/core/requests';
import { encodeSshsig, verifyUserSignature } from '@palmkey/core/ssh';
import type { AskResult } from './asking/ask.ts';
import type { AskStep } from './asking/ask-progress.ts';
import { ControlError } from './control/control-error.ts';
import { gitHost } from './key-uses/git-host.ts';
import { plainOrigin, plainPath } from './plain-origin.ts';
import { askSignature, type SignDeps } from './sign-ask.ts';
import { nodeHostKeyVerifier } from './keys/node-host-key-verifier.ts';

const maxSubject = 256;

export interface GitAsk {
  /** The user key's blob. */
  readonly key: Uint8Array;
  /** The text as git gave it. */
  readonly object: Uint8Array;
  /** What the signing program says of where it runs; all of it claims. */
  readonly repository: { readonly directory: string; readonly remote: string | null } | null;
  readonly origin: {
    readonly programs: readonly string[];
    readonly terminal: string | null;
    readonly directory: string | null;
  };
}

/**
 * Asks for it and returns the armoured signature, as ssh-keygen writes it.
 * @throws ControlError `too-large`, `unparsable`, `unknown-key`, `rejected`, `passed`, `withdrawn`, `no-answer`, `failed`, or the phone's refusal.
 */
export async function signGit(
  deps: SignDeps,
  ask: GitAsk,
  onStep: (step: AskStep) => void,
  signal: AbortSignal,
): Promise<string> {
  const { key, object } = ask;
  if (object.length > MAX_OBJECT_BYTES) throw new ControlError('too-large', { bytes: object.length });
  const text = parsed(object);
  const subject = subjectOf(text);
  const data = await gitSignedData(object);
  const result = await askSignature(deps, {
    key,
    question: {
      kind: 'git-sign',
      key,
      object: objectOf(object),
      repository: repositoryOf(ask),
      origin: plainOrigin(ask.origin),
    },
    preview: { what: text.kind, subject, repository: ask.repository?.directory ?? null },
    text: object,
    about: { kind: 'git', user: null, host: null, hostFingerprint: null, subject },
    verify: (signature) => verifyUserSignature(nodeHostKeyVerifier, key, signature, data),
    onStep,
    signal,
  });
  if (typeof result === 'string') throw new ControlError(result);
  if (result.signature === null) throw failure(result);
  const host = gitHost(ask.repository?.remote ?? '');
  if (host !== null) deps.used(key, { kind: 'git', user: 'git', host, port: null, hostKey: null });
  return encodeSshsig({ publicKey: key, namespace: 'git', hash: 'sha512', signature: result.signature });
}

function parsed(object: Uint8Array): GitObject {
  try {
    return parseGitObject(object);
  } catch (error) {
    if (error instanceof GitFormatError) throw new ControlError('unparsable', { why: error.message });
    throw error;
  }
}

/** A commit's first line, or a tag's name, for lists. */
function subjectOf(object: GitObject): string {
  const text = object.kind === 'tag' ? object.tag : (object.message.trimStart().split('\n')[0] ?? '');
  return toPlainText(text.trimEnd(), maxSubject);
}

function objectOf(bytes: Uint8Array): GitSignRequest['object'] {
  if (bytes.length <= MAX_WHOLE_OBJECT_BYTES) return { is: 'whole', bytes };
  return { is: 'parts', size: bytes.length, sha256: new Uint8Array(createHash('sha256').update(bytes).digest()) };
}

function repositoryOf({ repository }: GitAsk): GitSignRequest['repository'] {
  if (repository === null) return null;
  const { directory, remote } = repository;
  return { directory: plainPath(directory), remote: remote === null ? null : plainPath(remote) };
}

function failure({ outcome, code, by, skew, received, absent }: AskResult): ControlError {
  const detail = { phone: by, skew, received: received ? 1 : 0, absent: absent ? 1 : 0 };
  switch (outcome) {
    case 'rejected':
    case 'passed':
    case 'withdrawn':
      return new ControlError(outcome, detail);
    case 'expired':
      return new ControlError('no-answer', detail);
    case 'approved':
    case 'failed':
      return new ControlError(code ?? 'failed', detail);
  }
}
