import { useModel } from '../model/use-model.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Literal } from '../parts/literal.tsx';
import { PanelText } from './panel-text.tsx';

/** After pairing: one command shows the whole idea. */
export function TryIt({ computer }: { computer: string }) {
  const { deviceName, keys } = useModel();
  const line = keys[0]?.authorizedKeysLine;
  return (
    <PanelText title={`${computer} is paired`}>
      <p>
        Now try it. The terminal on {computer} shows one <Literal text="ssh" /> command. Run it, and the question comes
        here.
      </p>
      <figure className="rounded-2xl border border-line bg-paper p-4 shadow-slip">
        <p className="font-mono text-small text-muted">$ ssh …</p>
        <p className="font-mono text-small">
          <span className="text-accent">Palmkey ▶</span> asking {deviceName}…
        </p>
        <figcaption className="mt-3 border-t border-line pt-3 text-small text-muted">
          Leave this page open while you do.
        </figcaption>
      </figure>
      {line !== undefined && (
        <div>
          <p className="mb-3">To log in to a server of yours, put your public key into its authorized_keys:</p>
          <CopyButton text={line} label="Copy public key line" wide />
        </div>
      )}
    </PanelText>
  );
}
