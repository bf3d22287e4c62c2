/** What the control socket's calls about offered keys do. */
import { ControlError } from './control/control-error.ts';
import type { OfferCalls, OffersFact } from './control/offer-calls.ts';
import type { KeyFact } from './control/protocol.ts';
import { KeyRuleError } from './key-offers/errors.ts';
import type { KeyRuleStore } from './key-offers/key-rules.ts';

export interface OfferDeps {
  userKeys(): readonly KeyFact[];
  readonly keyRules: KeyRuleStore;
}

type OfferHandlers = {
  [Name in keyof OfferCalls]: (args: OfferCalls[Name]['args']) => Promise<OffersFact>;
};

export function offerHandlers(deps: OfferDeps): OfferHandlers {
  const { keyRules } = deps;
  const userKeys = () => deps.userKeys();
  const facts = (): OffersFact => {
    const { to, order, off } = keyRules.rules;
    const place = (key: string) => (order.indexOf(key) + 1 || order.length + 1) - 1;
    const all = [...new Set(userKeys().map(({ fingerprint }) => fingerprint))];
    const keys = all
      .toSorted((a, b) => place(a) - place(b))
      .map((key) => ({ fingerprint: key, to: to.get(key) ?? null }));
    return { keys, off };
  };
  const known = (key: string) => {
    if (!userKeys().some(({ fingerprint }) => fingerprint === key)) throw new ControlError('no-such-key', { key });
    return key;
  };
  /** Makes the change and says what holds then. */
  const change = async (make: () => void): Promise<OffersFact> => {
    try {
      make();
    } catch (error) {
      if (error instanceof KeyRuleError) throw new ControlError(error.code, { pattern: error.pattern });
      throw error;
    }
    return Promise.resolve(facts());
  };
  return {
    offers: () => Promise.resolve(facts()),
    offer: ({ key, to }) => change(() => keyRules.offer(known(key), to)),
    prefer: ({ key }) => change(() => keyRules.prefer(known(key))),
    'offer-off': ({ pattern, off }) => change(() => keyRules.switchOff(pattern, off)),
  };
}
