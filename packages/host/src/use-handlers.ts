/** What the control socket's calls about used keys do. */
import { authorizedKeysLine, fingerprint, parsePublicKey } from '@palmkey/core/ssh';
import type { Clock } from './clock.ts';
import type { UseCalls } from './control/use-calls.ts';
import type { KeyFact } from './control/protocol.ts';
import type { KeyUses } from './key-uses/key-uses.ts';

export interface UseDeps {
  userKeys(): readonly KeyFact[];
  readonly keyUses: KeyUses;
  readonly clock: Clock;
}

type UseHandlers = {
  [Name in keyof UseCalls]: (args: UseCalls[Name]['args']) => Promise<UseCalls[Name]['result']>;
};

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
  };
}
