import { useEffect, useRef, useState } from 'react';
import { usePhone } from '../model/use-model.tsx';
import { BrandMark } from '../parts/brand-mark.tsx';
import { Button } from '../parts/button.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import { Literal } from '../parts/literal.tsx';
import { Sheet, SheetClose } from '../parts/sheet.tsx';
import { PassphraseField } from './passphrase-field.tsx';

type State = 'idle' | 'opening' | 'wrong' | 'failed';

const problems: Record<State, string | null> = {
  idle: null,
  opening: null,
  wrong: 'Not the passphrase. Look at capitals and at the keyboard’s language, and try again.',
  failed: 'It could not be tried. Reload the page and try again.',
};

function Forgotten({ onBegin }: { onBegin: () => void }) {
  return (
    <Sheet
      title="Forgotten it?"
      trigger={<Button wide>I have forgotten it</Button>}
      actions={
        <>
          <HoldButton look="danger" armed onHeld={onBegin} label="Hold to delete everything here" />
          <SheetClose>
            <Button>Not now</Button>
          </SheetClose>
        </>
      }
    >
      <p>
        Nobody can give it back, and nothing here opens without it. Your account is not lost where another device is in
        it, or you have its recovery words:
      </p>
      <ul className="list-disc space-y-2 pl-5">
        <li>Delete what is here, and join your account again with either of them.</li>
        <li>Then remove this device’s former entry under Devices.</li>
        <li>
          Its SSH keys are gone. Run <Literal text="palmkey keys replace" className="text-ink" /> on a computer of
          yours.
        </li>
      </ul>
    </Sheet>
  );
}

/** All that is shown before the passphrase is given: not even the app knows more. */
export function UnlockPage() {
  const phone = usePhone();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [state, setState] = useState<State>('idle');
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    document.title = 'Palmkey';
  }, []);
  const open = () => {
    setState('opening');
    phone.passphrase.open(text).then(
      (opened) => {
        if (opened) return;
        setState('wrong');
        field.current?.select();
      },
      () => setState('failed'),
    );
  };
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center px-6 py-8">
      <BrandMark size={48} flush />
      <h1 tabIndex={-1} className="mt-6 text-huge font-semibold tracking-tight">
        Your passphrase
      </h1>
      <p className="mt-1 text-muted">What Palmkey keeps in this browser is encrypted with it.</p>
      <form
        className="mt-6 space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (text !== '' && state !== 'opening') open();
        }}
      >
        <PassphraseField
          ref={field}
          label="Passphrase"
          value={text}
          problem={problems[state]}
          hint="The one of this device. If another device has let it in, that one’s, until it is changed here."
          onText={(next) => {
            setText(next);
            if (state !== 'opening') setState('idle');
          }}
        />
        <Button type="submit" look="primary" wide className="min-h-14" disabled={text === '' || state === 'opening'}>
          {state === 'opening' ? 'Opening…' : 'Open'}
        </Button>
        <Forgotten onBegin={() => void phone.beginAnew().catch(() => setState('failed'))} />
      </form>
    </main>
  );
}
