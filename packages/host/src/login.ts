/** One SSH login: from what ssh asked of the agent to what a phone answered, with a line in the person's terminal meanwhile. */
import { toPlainText } from '@palmkey/core/devices';
import { fingerprint, verifyUserSignature } from '@palmkey/core/ssh';
import type { Question } from './asking/ask.ts';
import { openTerminal } from './claims/terminal.ts';
import type { Place } from './key-uses/key-uses.ts';
import { plain, plainOrigin } from './plain-origin.ts';
import { askSignature, type SignDeps } from './sign-ask.ts';
import { type AskStep } from './asking/ask-progress.ts';
import type { LoginAsk, SignOutcome } from './ssh-agent/login-ask.ts';
import { nodeHostKeyVerifier } from './keys/node-host-key-verifier.ts';

/** The longest texts of a request, in characters (spec/requests.md). */
const maxHostName = 255;
const maxUser = 256;

/** Never throws for what a phone or a network does: everything but a signature is a failure, and ssh goes on without. */
export async function login(deps: SignDeps, ask: LoginAsk, signal: AbortSignal): Promise<SignOutcome> {
  const { key, data, hostKey, claim } = ask;
  using line = openTerminal(claim);
  const onStep = (step: AskStep) => {
    const text = deps.words({ ...step, kind: 'login' });
    if (step.is === 'ended') line.finalLine(text);
    else line.progressLine(text);
  };
  const result = await askSignature(deps, {
    key,
    question: questionOf(ask),
    preview: { what: 'login', user: ask.userauth.user, server: ask.host },
    about: {
      kind: 'login',
      user: toPlainText(ask.userauth.user, maxUser),
      host: ask.host === null ? null : toPlainText(ask.host.name, maxHostName),
      hostFingerprint: hostKey === null ? null : fingerprint(hostKey),
      subject: null,
    },
    verify: (signature) => verifyUserSignature(nodeHostKeyVerifier, key, signature, data),
    onStep,
    signal,
  });
  if (typeof result !== 'string' && result.signature !== null) deps.used(key, placeOf(ask));
  return outcomeOf(result);
}

/** What ssh would have to connect to, to get there again. */
function placeOf({ userauth, host, hostKey, claim }: LoginAsk): Place {
  const known = {
    kind: 'login',
    user: userauth.user,
    hostKey: hostKey === null ? null : fingerprint(hostKey),
  } as const;
  // Beyond the first hop nobody here knows a name; ssh's own argument leads to where it went, a HostKeyAlias does not.
  if (host === null) return { ...known, host: null, port: null };
  return claim?.dialled == null
    ? { ...known, host: host.name, port: host.port === 22 ? null : host.port }
    : { ...known, ...claim.dialled };
}

/** What the agent makes of an answer. */
export function outcomeOf(result: Awaited<ReturnType<typeof askSignature>>): SignOutcome {
  if (typeof result === 'string') return { is: 'failed', code: result };
  return result.signature === null
    ? { is: 'failed', code: result.code ?? result.outcome }
    : { is: 'signed', signature: result.signature };
}

function questionOf({ key, data, binds, host, claim }: LoginAsk): Question {
  return {
    kind: 'ssh-sign',
    key,
    data,
    binds: [...binds],
    host: host === null ? null : { name: plain(host.name, maxHostName), port: host.port },
    origin: plainOrigin(claim),
  };
}
