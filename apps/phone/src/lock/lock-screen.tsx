import { useEffect, useRef, useState } from 'react';
import type { LockView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { BrandMark } from '../parts/brand-mark.tsx';
import { Button } from '../parts/button.tsx';
import { LiveRegion } from '../parts/live-region.tsx';
import { useNow } from '../parts/use-now.ts';
import { CodeField } from './code-field.tsx';
import { waitingWords } from './lock-words.ts';

/** All that is shown while the app is locked: that it is, and how many requests wait. */
export function LockScreen({ lock }: { lock: Extract<LockView, { is: 'on' }> }) {
  const { lockedWaiting: count } = useModel();
  const phone = usePhone();
  const now = useNow();
  const field = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState('');
  const [state, setState] = useState<'idle' | 'checking' | 'wrong' | 'not-recognised'>('idle');
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    document.title = count > 0 ? `(${count}) Palmkey` : 'Palmkey';
  }, [count]);
  const delay = lock.retryAt === null ? 0 : Math.max(0, Math.ceil((lock.retryAt - now) / 1000));

  const open = (tried: string | null) => {
    setState('checking');
    phone.unlock(tried).then(
      (opened) => {
        if (opened) return;
        setState(tried === null ? 'not-recognised' : 'wrong');
        setCode('');
        field.current?.focus();
      },
      () => setState(tried === null ? 'not-recognised' : 'wrong'),
    );
  };
  const problem =
    delay > 0
      ? `${state === 'wrong' ? 'Wrong code. ' : ''}Try again in ${delay} s.`
      : state === 'wrong'
        ? 'Wrong code. Try again.'
        : state === 'not-recognised'
          ? 'Not recognised. Use the code.'
          : null;

  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center px-6 py-8">
      <BrandMark size={48} flush />
      <h1 tabIndex={-1} className="mt-6 text-huge font-semibold tracking-tight">
        Locked
      </h1>
      <p className={`mt-1 min-h-6 ${count > 0 ? 'font-semibold text-amber' : 'text-muted'}`}>{waitingWords(count)}</p>
      <LiveRegion urgent>{count > 0 ? waitingWords(count) : ''}</LiveRegion>
      <form
        className="mt-6 space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (code !== '' && delay === 0 && state !== 'checking') open(code);
        }}
      >
        <CodeField
          ref={field}
          label="Code"
          value={code}
          problem={problem}
          hint="The code of this app."
          onCode={setCode}
        />
        <Button
          type="submit"
          look="primary"
          wide
          className="min-h-14"
          disabled={code === '' || delay > 0 || state === 'checking'}
        >
          Unlock
        </Button>
        {lock.biometric && (
          <Button wide disabled={state === 'checking'} onClick={() => open(null)}>
            Fingerprint or face
          </Button>
        )}
      </form>
    </main>
  );
}
