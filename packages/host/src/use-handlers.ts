/** What the control socket's calls about used keys do. */
import { authorizedKeysLine, fingerprint, parsePublicKey } from '@palmkey/core/ssh';
import type { Clock } from './clock.ts';
import type { Handlers } from './control/server.ts';
import type { UseCalls } from './control/use-calls.ts';
import type { KeyFact } from './control/protocol.ts';
import type { Lead } from './key-offers/key-offers.ts';
import type { KeyUses } from './key-uses/key-uses.ts';

export interface UseDeps {
  userKeys(): readonly KeyFact[];
  readonly keyUses: KeyUses;
  leadWith(lead: Lead): Disposable;
  readonly clock: Clock;
}

type UseHandlers = Pick<Handlers, keyof UseCalls>;

export function useHandlers(deps: UseDeps): UseHandlers {
  const { clock } = deps;
  return {
    'key-uses': () => {
      const held = new Set(deps.userKeys().map((key) => key.fingerprint));
      const keys = deps.keyUses.keys().map(({ blob, comment, phone }) => ({
        fingerprint: fingerprint(blob),
        type: parsePublicKey(blob).type,
        comment,
        line: authorizedKeysLine(blob, comment),
        phone,
        held: held.has(fingerprint(blob)),
      }));
      return Promise.resolve({ keys, uses: deps.keyUses.all().toReversed() });
    },
    'key-replaced': async ({ keys, by, user, host, port }) => {
      deps.keyUses.replaced(keys, { user, host, port }, by, clock.now());
      return Promise.resolve(null);
    },
    'lead-with': ({ key, servers }, { signal }) => {
      const held = deps.leadWith({ key, servers: new Set(servers) });
      const end = () => held[Symbol.dispose]();
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      return Promise.resolve(null);
    },
  };
}
