import type { ReactNode } from 'react';
import { useModel } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';

/** The end of both ways into an account: what holds, and the one thing that servers still lack. */
export function InTheAccount({ children, onDone }: { children?: ReactNode; onDone: () => void }) {
  const { keys, passphrase } = useModel();
  const line = keys[0]?.authorizedKeysLine;
  return (
    <PanelText title="This device is in your account">
      <p>Your computers ask it too, as soon as they have heard of it.</p>
      {passphrase.is === 'on' && (
        <p>What it keeps is encrypted, as on the device that let it in: it opens with the same passphrase.</p>
      )}
      {children}
      {line !== undefined && (
        <div className="rounded-2xl border border-line bg-paper p-4 shadow-slip">
          <p className="mb-3">
            It has an SSH key of its own; no key was copied. Put its public key on your servers, beside the others.
          </p>
          <CopyButton text={line} label="Copy public key line" wide />
        </div>
      )}
      <Button look="primary" wide className="min-h-14" onClick={onDone}>
        Go to the inbox
      </Button>
    </PanelText>
  );
}
