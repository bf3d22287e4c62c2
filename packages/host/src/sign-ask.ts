/** One signature: which phones are asked, what is told meanwhile, and what is written down of it. */
import { FormatError } from '@palmkey/core/crypto';
import { fingerprint } from '@palmkey/core/ssh';
import { equal } from '@palmkey/envelope';
import type { AskPhone } from './asking/ask-phone.ts';
import { type AskKind, type AskStep, PatientTeller, type ProgressWords } from './asking/ask-progress.ts';
import type { AskOptions, AskResult } from './asking/ask.ts';
import type { Clock } from './clock.ts';
import type { LogFact, PhoneFact } from './control/protocol.ts';
import type { Place } from './key-uses/key-uses.ts';
import { logEntry } from './state/event-log.ts';
import type { Pairing, PairingStore } from './state/pairing-store.ts';

export interface SignDeps {
  readonly pairings: PairingStore;
  /** Whether a phone can be reached, as far as it is known. */
  readonly reachOf: (pairing: Pairing) => PhoneFact['reach'];
  /** Who asks the phones; or why nobody may be asked. */
  readonly asks: () => AskPhone | NobodyAsked;
  readonly words: ProgressWords;
  readonly clock: Clock;
  readonly log: (fact: LogFact) => void;
  /** A key has signed for somebody who knows it. */
  readonly used: (key: Uint8Array, place: Place) => void;
}

/** The account's chain is refused; this computer's keys are locked. */
export type NobodyAsked = 'account-refused' | 'keys-locked';

export interface SignAsk extends Pick<AskOptions, 'question' | 'preview' | 'text' | 'verify' | 'signal'> {
  /** The user key's blob. */
  readonly key: Uint8Array;
  readonly about: { readonly kind: AskKind } & Pick<LogFact, 'user' | 'host' | 'hostFingerprint' | 'subject'>;
  /** Told from the first step on that a person may read. */
  readonly onStep: (step: AskStep) => void;
}

/**
 * Asks every phone of this computer: those that have the key can say yes, the others can reject it or pass it on. Never
 * throws for what a phone or a network does. A string is why nobody could be asked.
 */
export async function askSignature(
  deps: SignDeps,
  ask: SignAsk,
): Promise<AskResult | 'unknown-key' | 'too-large' | NobodyAsked> {
  const { clock } = deps;
  const [holders, others] = split(deps, ask.key);
  if (holders.length === 0) return 'unknown-key';
  const phones = near(deps, holders).map(({ peer }) => peer.name);
  const { kind, user, host, hostFingerprint, subject } = ask.about;
  const asks = deps.asks();
  if (typeof asks === 'string') {
    const keyFingerprint = fingerprint(ask.key);
    deps.log(logEntry(clock.now(), { ...ask.about, keyFingerprint, outcome: 'failed', code: asks }));
    ask.onStep({ is: 'ended', phones, ...unasked, code: asks });
    return asks;
  }
  const startedAt = clock.monotonic();
  using teller = new PatientTeller(clock, ask.onStep);
  teller.step({ is: 'asking', phones });
  let isHeld = false;
  let result: AskResult;
  try {
    result = await asks.ask({
      holders,
      others,
      question: ask.question,
      preview: ask.preview,
      ...(ask.text === undefined ? {} : { text: ask.text }),
      about: { kind, user, host, subject },
      verify: ask.verify,
      onNotice: (notice) => {
        if (notice.is === 'not-understood' || notice.is === 'woken') return teller.step(notice);
        // That it is where it can be approved is the better news.
        if (notice.is === 'received' && !notice.holds && isHeld) return;
        isHeld ||= notice.is === 'received' && notice.holds;
        teller.step({ ...notice, phones });
      },
      signal: ask.signal,
    });
  } catch (error) {
    // More host keys on the way, or longer ones, than a request has room for.
    if (!(error instanceof FormatError)) throw error;
    return 'too-large';
  }
  const { outcome, by, until, code, skew, woken } = result;
  deps.log(
    logEntry(clock.now(), {
      kind,
      user,
      host,
      hostFingerprint,
      subject,
      phone: by ?? phones.join(', '),
      keyFingerprint: fingerprint(ask.key),
      outcome,
      code,
      skewMs: skew,
      until,
      woken,
      tookMs: Math.round(clock.monotonic() - startedAt),
    }),
  );
  if (outcome !== 'withdrawn') ask.onStep({ is: 'ended', phones, ...result });
  return result;
}

const unasked = {
  outcome: 'failed',
  by: null,
  until: null,
  skew: null,
  received: false,
  absent: false,
  woken: null,
} as const;

/** The pairings that list the key, and the rest. */
function split({ pairings }: SignDeps, key: Uint8Array): [Pairing[], Pairing[]] {
  const all = pairings.list();
  const holds = ({ userKeys }: Pairing) => userKeys.some(({ blob }) => equal(blob, key));
  return [all.filter(holds), all.filter((pairing) => !holds(pairing))];
}

/** Those that are not known to be away; all of them if all are. */
function near({ reachOf }: SignDeps, holders: readonly Pairing[]): readonly Pairing[] {
  const found = holders.filter((pairing) => reachOf(pairing) !== 'absent');
  return found.length > 0 ? found : holders;
}
