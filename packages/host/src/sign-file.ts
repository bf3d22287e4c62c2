/** A signature of a file of which only the hash is known, as `ssh-keygen -Y sign` asks it of the agent. */
import { toPlainText } from '@palmkey/core/devices';
import { verifyUserSignature } from '@palmkey/core/ssh';
import { openTerminal } from './claims/terminal.ts';
import { outcomeOf } from './login.ts';
import { plainOrigin } from './plain-origin.ts';
import { askSignature, type SignDeps } from './sign-ask.ts';
import type { FileAsk, SignOutcome } from './ssh-agent/login-ask.ts';
import { nodeHostKeyVerifier } from './keys/node-host-key-verifier.ts';

const maxSubject = 256;

/** Never throws for what a phone or a network does: everything but a signature is a failure. */
export async function signFile(deps: SignDeps, ask: FileAsk, signal: AbortSignal): Promise<SignOutcome> {
  const { key, data, namespace, claim } = ask;
  using line = openTerminal(claim);
  const result = await askSignature(deps, {
    key,
    question: { kind: 'file-sign', key, data, origin: plainOrigin(claim) },
    preview: { what: 'file', namespace },
    about: {
      kind: 'file',
      user: null,
      host: null,
      hostFingerprint: null,
      subject: toPlainText(namespace, maxSubject),
    },
    verify: (signature) => verifyUserSignature(nodeHostKeyVerifier, key, signature, data),
    onStep: (step) => {
      const text = deps.words({ ...step, kind: 'file' });
      if (step.is === 'ended') line.finalLine(text);
      else line.progressLine(text);
    },
    signal,
  });
  return outcomeOf(result);
}
