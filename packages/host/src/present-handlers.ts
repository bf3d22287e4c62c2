/** What the control socket's calls do that a daemon answers whether or not its keys are open. */
import type { AskStep } from './asking/ask-progress.ts';
import type { LogFact, StatusFact } from './control/protocol.ts';
import type { Handlers } from './control/server.ts';
import { offerHandlers, type OfferDeps } from './offer-handlers.ts';
import { passphraseHandlers, type PassphraseDeps } from './passphrase-handlers.ts';
import type { SignDeps } from './sign-ask.ts';
import { signGit } from './sign-git.ts';
import { useHandlers, type UseDeps } from './use-handlers.ts';

export interface PresentDeps extends OfferDeps, UseDeps, PassphraseDeps {
  status(): StatusFact;
  onChange(listener: () => void): () => void;
  newestLog(limit: number): LogFact[];
  signDeps(): SignDeps;
  /** Looks again at what changes without a word. */
  look(): Promise<void>;
  stop(): void;
}

type PresentCall =
  | 'status'
  | 'watch'
  | 'log'
  | 'git-sign'
  | 'stop'
  | keyof ReturnType<typeof offerHandlers>
  | keyof ReturnType<typeof useHandlers>
  | keyof ReturnType<typeof passphraseHandlers>;

export function presentHandlers(daemon: PresentDeps): Pick<Handlers, PresentCall> {
  return {
    ...offerHandlers(daemon),
    ...useHandlers(daemon),
    ...passphraseHandlers(daemon),

    status: async () => {
      await daemon.look();
      return daemon.status();
    },

    watch: (_args, caller) =>
      new Promise((resolve) => {
        const stop = daemon.onChange(() => caller.emit(daemon.status()));
        const end = () => {
          stop();
          resolve(null);
        };
        caller.signal.addEventListener('abort', end, { once: true });
        if (caller.signal.aborted) end();
        caller.emit(daemon.status());
        void daemon.look();
      }),

    log: ({ limit }) => Promise.resolve(daemon.newestLog(limit)),

    'git-sign': async ({ key, object, repository, origin }, { emit, signal }) => {
      const ask = { key: bytesOf(key), object: bytesOf(object), repository, origin };
      const onStep = (step: AskStep) => emit({ ...step, kind: 'git' });
      return { signature: await signGit(daemon.signDeps(), ask, onStep, signal) };
    },

    stop: () => {
      // Answered first: the answer travels on a socket that closing ends.
      setImmediate(() => daemon.stop());
      return Promise.resolve(null);
    },
  };
}

/** Bytes of their own, not of a buffer that is used for others. */
function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
