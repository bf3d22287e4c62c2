import { lazy, Suspense, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { isJoinLink, secretFault, secretProblem, type Side } from './secret-text.ts';
import { WordListField } from './word-list-field.tsx';

// As large as everything else here together, and words can be typed without it.
const Scanner = lazy(() => import('../pair/scanner.tsx').then((module) => ({ default: module.Scanner })));

interface Props {
  reader: Side;
  onSecret: (text: string) => void;
}

const hints: Record<Side, string> = {
  x: 'The eight words under its QR code, or its link.',
  y: 'A number and three words, as 12 apple river stone. Or its link.',
};

/** What the other device shows, by the camera or by hand. */
export function SecretEntry({ reader, onSecret }: Props) {
  const [scanning, setScanning] = useState(false);
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const enter = (entered: string) => {
    const found = secretFault(entered, reader);
    setFault(found);
    if (found === null) onSecret(entered.trim());
  };
  const isLink = isJoinLink(text);
  return (
    <div className="space-y-6">
      {scanning ? (
        <Suspense fallback={<p className="text-muted">Starting the camera…</p>}>
          <Scanner
            sought={{
              isMeant: isJoinLink,
              hint: 'Point it at the QR code of the other device.',
              otherwise: 'That code is not from “Add a device”.',
            }}
            onText={(found) => {
              setScanning(false);
              setText('');
              enter(found);
            }}
            onLeave={() => setScanning(false)}
          />
        </Suspense>
      ) : (
        <Button look="primary" icon="camera" wide className="min-h-14" onClick={() => setScanning(true)}>
          Scan the QR code
        </Button>
      )}
      <div className="flex items-center gap-4 text-small text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') enter(text);
        }}
      >
        <WordListField
          label="What it shows"
          hint={hints[reader]}
          rows={2}
          value={text}
          literal={isLink || text.includes('/')}
          problem={fault === null ? null : secretProblem(fault, reader)}
          onChange={(changed) => {
            setText(changed);
            setFault(null);
          }}
        />
        <Button type="submit" wide disabled={text.trim() === ''} className="mt-2">
          Continue
        </Button>
      </form>
    </div>
  );
}
