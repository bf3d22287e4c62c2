/** What the control socket's calls about the passphrase do; the same whether or not the keys are open. */
import { PassphraseError } from '@palmkey/core/account';
import type { Clock } from './clock.ts';
import type { LogFact } from './control/protocol.ts';
import type { PassphraseCalls } from './control/passphrase-calls.ts';
import type { DeviceLock } from './keys/device-lock.ts';
import { logEntry } from './state/event-log.ts';

export interface PassphraseDeps {
  readonly lock: DeviceLock;
  readonly clock: Clock;
  log(fact: LogFact): void;
  /** The keys are open now, or locked now, and were not before. */
  keysTurned(): void;
  changed(): void;
}

type PassphraseHandlers = {
  [Name in keyof PassphraseCalls]: (args: PassphraseCalls[Name]['args']) => Promise<PassphraseCalls[Name]['result']>;
};

export function passphraseHandlers(deps: PassphraseDeps): PassphraseHandlers {
  const { lock, clock } = deps;
  /** Does it, and says what became of the keys by it. */
  const done = async (work: () => void | Promise<void>, kind: LogFact['kind'], outcome: string | null) => {
    const wasLocked = lock.state() === 'locked';
    try {
      await work();
    } catch (error) {
      if (error instanceof PassphraseError)
        deps.log(logEntry(clock.now(), { kind: 'passphrase', outcome: 'refused', code: error.code }));
      throw error;
    }
    deps.log(logEntry(clock.now(), { kind, outcome }));
    if (wasLocked !== (lock.state() === 'locked')) deps.keysTurned();
    else deps.changed();
    return null;
  };
  return {
    unlock: async ({ passphrase }) =>
      lock.state() === 'locked' ? done(() => lock.unlock(passphrase), 'unlocked', null) : null,
    lock: async () => (lock.state() === 'locked' ? null : done(() => lock.lock(), 'locked', null)),
    'change-passphrase': ({ old, next }) =>
      done(() => lock.change(old, next), 'passphrase', next === null ? 'removed' : old === null ? 'set' : 'changed'),
  };
}
