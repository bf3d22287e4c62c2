/** One SSH login: from what ssh asked of the agent to what the person's phone answered, with a line in their terminal meanwhile. */
import { fingerprint, parsePublicKey, parseSshSignature, webHostKeyVerifier } from '@palmkey/core/ssh';
import type { RequestOrigin } from '@palmkey/core/requests';
import { equal } from '@palmkey/envelope';
import type { AskNotice, AskPhone, AskResult, Question } from './ask-phone.ts';
import { openTerminal } from './claims/terminal.ts';
import type { Clock } from './clock.ts';
import type { LogFact } from './control/protocol.ts';
import type { LoginAsk, SignOutcome } from './ssh-agent/login-ask.ts';
import type { Pairing, PairingStore } from './state/pairing-store.ts';

/** What a login has come to, for whoever puts it into words. */
export type LoginProgress =
  | { readonly is: 'asking'; readonly phone: string }
  /** Two seconds without a sign of the phone. */
  | { readonly is: 'unreceived'; readonly phone: string; readonly absent: boolean }
  | { readonly is: 'received'; readonly phone: string }
  | ({ readonly is: 'ended'; readonly phone: string } & Pick<AskResult, 'outcome' | 'received' | 'absent' | 'refusal'>);

/** Words for a person's terminal; written by the command line, one line each. */
export type ProgressWords = (progress: LoginProgress) => string;

export interface LoginDeps {
  readonly pairings: PairingStore;
  readonly askPhone: AskPhone;
  readonly words: ProgressWords;
  readonly clock: Clock;
  readonly log: (fact: LogFact) => void;
}

/** Never throws for what a phone or a network does: everything but a signature is a failure, and ssh goes on without. */
export async function login(deps: LoginDeps, ask: LoginAsk, signal: AbortSignal): Promise<SignOutcome> {
  const pairing = holderOf(deps.pairings, ask.key);
  if (pairing === undefined) return { is: 'failed', code: 'unknown-key' };
  const phone = pairing.peer.name;
  const startedAt = deps.clock.monotonic();
  using line = openTerminal(ask.claim);
  const onNotice = (notice: AskNotice) => line.progressLine(deps.words({ ...notice, phone }));
  line.progressLine(deps.words({ is: 'asking', phone }));
  const result = await deps.askPhone.ask({
    pairing,
    question: questionOf(ask),
    about: { user: ask.userauth.user, host: ask.host?.name ?? null },
    verify: (signature) => isLoginSignature(ask, signature),
    onNotice,
    signal,
  });
  deps.log(logFact(deps, ask, pairing, result, deps.clock.monotonic() - startedAt));
  if (result.outcome !== 'withdrawn') line.finalLine(deps.words({ ...result, is: 'ended', phone }));
  return result.signature === null
    ? { is: 'failed', code: result.refusal?.code ?? result.outcome }
    : { is: 'signed', signature: result.signature };
}

/** The phone last paired that has the key: a key lives on one phone. */
function holderOf(pairings: PairingStore, key: Uint8Array): Pairing | undefined {
  return pairings.list().find(({ userKeys }) => userKeys.some(({ blob }) => equal(blob, key)));
}

function questionOf({ key, data, binds, host, claim }: LoginAsk): Question {
  const origin: RequestOrigin =
    claim === null ? { sure: 'none' } : { sure: 'claimed', programs: [...claim.programs], terminal: claim.terminal };
  return { kind: 'ssh-sign', key, data, binds: [...binds], host, origin };
}

async function isLoginSignature({ key, data }: LoginAsk, signature: Uint8Array): Promise<boolean> {
  return webHostKeyVerifier(parsePublicKey(key).key, parseSshSignature(signature), data);
}

function logFact(deps: LoginDeps, ask: LoginAsk, pairing: Pairing, result: AskResult, tookMs: number): LogFact {
  return {
    at: deps.clock.now(),
    kind: 'login',
    user: ask.userauth.user,
    host: ask.host?.name ?? null,
    hostFingerprint: ask.hostKey === null ? null : fingerprint(ask.hostKey),
    phone: pairing.peer.name,
    keyFingerprint: fingerprint(ask.key),
    outcome: result.outcome,
    code: result.refusal?.code ?? null,
    skewMs: result.refusal?.skew ?? null,
    tookMs: Math.round(tookMs),
  };
}
