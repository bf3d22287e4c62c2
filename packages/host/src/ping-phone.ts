/** Whether a phone answers, and how fast: it does so by itself, and the person sees nothing of it. */
import type { PingFact } from './control/protocol.ts';
import type { AskPhone } from './asking/ask-phone.ts';
import type { Clock } from './clock.ts';
import type { Pairing } from './state/pairing-store.ts';

/** How long a phone that is there may take; a mobile network that wakes up takes a second or two. */
const withinMs = 5_000;

export interface PingDeps {
  readonly askPhone: AskPhone;
  readonly clock: Clock;
}

/** Asks for nothing but an answer. Resolves within five seconds, or as soon as `signal` aborts; never rejects. */
export async function pingPhone(deps: PingDeps, pairing: Pairing, signal: AbortSignal): Promise<PingFact> {
  const { askPhone, clock } = deps;
  const late = new AbortController();
  const cancel = clock.after(withinMs, () => late.abort());
  const began = clock.monotonic();
  try {
    const result = await askPhone.ask({
      holders: [pairing],
      question: { kind: 'ping' },
      preview: null,
      about: null,
      verify: (signature) => Promise.resolve(signature.length === 0),
      onNotice: () => undefined,
      signal: AbortSignal.any([late.signal, signal]),
    });
    const { outcome, code, skew, received } = result;
    const tookMs = outcome === 'approved' ? clock.monotonic() - began : null;
    return {
      answered: outcome === 'approved',
      received,
      tookMs,
      code,
      skewMs: skew,
    };
  } finally {
    cancel();
  }
}
