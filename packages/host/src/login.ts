/** One SSH login: from what ssh asked of the agent to what the person's phone answered, with a line in their terminal meanwhile. */
import { FormatError } from '@palmkey/core/crypto';
import { toPlainText } from '@palmkey/core/devices';
import { fingerprint, parsePublicKey, parseSshSignature, webHostKeyVerifier } from '@palmkey/core/ssh';
import type { RequestOrigin } from '@palmkey/core/requests';
import { equal } from '@palmkey/envelope';
import type { AskNotice, AskPhone, AskResult, Question } from './ask-phone.ts';
import type { Claim } from './claims/claim.ts';
import { openTerminal } from './claims/terminal.ts';
import type { Clock } from './clock.ts';
import type { LogFact } from './control/protocol.ts';
import type { LoginAsk, SignOutcome } from './ssh-agent/login-ask.ts';
import type { Pairing, PairingStore } from './state/pairing-store.ts';

/** The innermost programs of a chain, as many as a request carries. */
const maxPrograms = 32;
/** The longest texts of a request, in characters (spec/requests.md). */
const maxHostName = 255;
const maxText = 256;

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
  /** When a phone was last heard of, ms since 1970; null when not since this program started. */
  readonly lastSeenAt: (pairing: Pairing) => number | null;
  readonly askPhone: AskPhone;
  readonly words: ProgressWords;
  readonly clock: Clock;
  readonly log: (fact: LogFact) => void;
}

/** Never throws for what a phone or a network does: everything but a signature is a failure, and ssh goes on without. */
export async function login(deps: LoginDeps, ask: LoginAsk, signal: AbortSignal): Promise<SignOutcome> {
  const pairing = holderOf(deps, ask.key);
  if (pairing === undefined) return { is: 'failed', code: 'unknown-key' };
  const phone = pairing.peer.name;
  const startedAt = deps.clock.monotonic();
  using line = openTerminal(ask.claim);
  const onNotice = (notice: AskNotice) => line.progressLine(deps.words({ ...notice, phone }));
  line.progressLine(deps.words({ is: 'asking', phone }));
  let result: AskResult;
  try {
    result = await deps.askPhone.ask({
      pairing,
      question: questionOf(ask),
      about: { user: userOf(ask), host: hostOf(ask) },
      verify: (signature) => isLoginSignature(ask, signature),
      onNotice,
      signal,
    });
  } catch (error) {
    // More host keys on the way, or longer ones, than a request has room for.
    if (!(error instanceof FormatError)) throw error;
    return { is: 'failed', code: 'too-large' };
  }
  deps.log(logFact(deps, ask, pairing, result, deps.clock.monotonic() - startedAt));
  if (result.outcome !== 'withdrawn') line.finalLine(deps.words({ ...result, is: 'ended', phone }));
  return result.signature === null
    ? { is: 'failed', code: result.refusal?.code ?? result.outcome }
    : { is: 'signed', signature: result.signature };
}

/** A key that several pairings have, as after a phone was restored, is asked of the one last heard of. */
function holderOf({ pairings, lastSeenAt }: LoginDeps, key: Uint8Array): Pairing | undefined {
  const heardAt = (pairing: Pairing) => Math.max(pairing.pairedAt, lastSeenAt(pairing) ?? 0);
  const holders = pairings.list().filter(({ userKeys }) => userKeys.some(({ blob }) => equal(blob, key)));
  return holders.toSorted((a, b) => heardAt(b) - heardAt(a))[0];
}

function questionOf(ask: LoginAsk): Question {
  const { key, data, binds, host, claim } = ask;
  return {
    kind: 'ssh-sign',
    key,
    data,
    binds: [...binds],
    host: host === null ? null : { name: plain(host.name, maxHostName), port: host.port },
    origin: originOf(claim),
  };
}

/** Programs may call themselves anything: what a request may not carry is made plain first. */
function originOf(claim: Claim | null): RequestOrigin {
  if (claim === null) return { sure: 'none' };
  const programs = claim.programs.slice(-maxPrograms).map((program) => plain(program, maxText));
  return { sure: 'claimed', programs, terminal: claim.terminal === null ? null : plain(claim.terminal, maxText) };
}

/** Nothing is no text that a request may carry. */
function plain(text: string, maxCharacters: number): string {
  return text === '' ? '\uFFFD' : toPlainText(text, maxCharacters);
}

function userOf({ userauth }: LoginAsk): string {
  return toPlainText(userauth.user, maxText);
}

function hostOf({ host }: LoginAsk): string | null {
  return host === null ? null : toPlainText(host.name, maxHostName);
}

async function isLoginSignature({ key, data }: LoginAsk, signature: Uint8Array): Promise<boolean> {
  return webHostKeyVerifier(parsePublicKey(key).key, parseSshSignature(signature), data);
}

function logFact(deps: LoginDeps, ask: LoginAsk, pairing: Pairing, result: AskResult, tookMs: number): LogFact {
  return {
    at: deps.clock.now(),
    kind: 'login',
    user: userOf(ask),
    host: hostOf(ask),
    hostFingerprint: ask.hostKey === null ? null : fingerprint(ask.hostKey),
    phone: pairing.peer.name,
    keyFingerprint: fingerprint(ask.key),
    outcome: result.outcome,
    code: result.refusal?.code ?? null,
    skewMs: result.refusal?.skew ?? null,
    tookMs: Math.round(tookMs),
  };
}
