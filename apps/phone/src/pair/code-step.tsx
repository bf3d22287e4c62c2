import type { PairingView } from '../model/model.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Countdown } from '../parts/countdown.tsx';
import { PanelText } from './panel-text.tsx';

/** The six digits, in two groups, to be typed at the computer. */
export function CodeStep({ pairing }: { pairing: Extract<PairingView, { is: 'code' }> }) {
  const phone = usePhone();
  const groups = [pairing.code.slice(0, 3), pairing.code.slice(3)];
  return (
    <PanelText title={`Type this code on ${pairing.hostName}`}>
      <div className="rounded-2xl border border-line bg-paper px-4 py-8 text-center shadow-slip">
        <p
          aria-label={Array.from(pairing.code).join(' ')}
          role="img"
          data-pairing-code={pairing.code}
          className="flex justify-center gap-[0.5em] font-mono text-[clamp(2.5rem,14vw,4rem)] leading-none font-semibold tracking-tight select-all"
        >
          {groups.map((group, index) => (
            <span key={index}>{group}</span>
          ))}
        </p>
        <p className="mt-4">
          <Countdown endsAt={pairing.endsAt} />
        </p>
      </div>
      <p className="text-muted">
        Its terminal is waiting for it. The code proves that nobody stands between the two; do not send it to anyone.
      </p>
      <Button wide onClick={() => phone.cancelPairing()}>
        Cancel
      </Button>
    </PanelText>
  );
}
