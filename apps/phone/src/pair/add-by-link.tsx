import { lazy, Suspense, useState } from 'react';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Literal } from '../parts/literal.tsx';
import { TextField } from '../parts/text-field.tsx';

// The QR reader is as large as the rest of this page, and most pairings on a computer never need it.
const Scanner = lazy(() => import('./scanner.tsx').then((module) => ({ default: module.Scanner })));

function PasteLink() {
  const phone = usePhone();
  const [text, setText] = useState('');
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') phone.openLink(text.trim());
      }}
    >
      <TextField
        label="Pairing link"
        inputMode="url"
        placeholder="https://…/pair#…"
        value={text}
        hint="It stands under the QR code in the terminal."
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" wide disabled={text.trim() === ''}>
        Continue with this link
      </Button>
    </form>
  );
}

const sought = {
  isMeant: (text: string) => text.includes('/pair#'),
  hint: 'Point it at the QR code in the terminal.',
  otherwise: 'That code is not a Palmkey pairing link.',
};

/** How a pairing begins: the command on the computer, then the camera or the link. */
export function AddByLink() {
  const phone = usePhone();
  const [scanning, setScanning] = useState(false);
  return (
    <div className="space-y-8">
      <p>
        Run <Literal text="palmkey pair" className="rounded-md bg-sunken px-1.5 py-0.5" /> on the computer. It prints a
        QR code and a link.
      </p>
      {scanning ? (
        <Suspense fallback={<p className="text-muted">Starting the camera…</p>}>
          <Scanner sought={sought} onText={(text) => phone.openLink(text)} onLeave={() => setScanning(false)} />
        </Suspense>
      ) : (
        <Button look="primary" icon="camera" wide className="min-h-14" onClick={() => setScanning(true)}>
          Scan the QR code
        </Button>
      )}
      <div className="flex items-center gap-4 text-small text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or
      </div>
      <PasteLink />
    </div>
  );
}
