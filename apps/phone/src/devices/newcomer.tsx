import type { LettingInView } from '../model/account-view.ts';
import { usePhone } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button } from '../parts/button.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { BigCode } from './big-code.tsx';
import { kindIcon, kindWord } from './device-words.ts';
import { NoNetwork } from './no-network.tsx';

/** Whether this is the device that the person holds: the code on both, then a held yes. */
export function NewcomerQuestion({ newcomer }: { newcomer: Extract<LettingInView, { is: 'asking' }> }) {
  const phone = usePhone();
  const { name, kind, code } = newcomer;
  return (
    <PanelText title="Does the new device show this code?">
      <div className="rounded-2xl border border-line bg-paper shadow-slip">
        <div className="px-4 py-6">
          <BigCode code={code} />
        </div>
        <div className="flex items-center gap-3 border-t border-line px-4 py-4">
          <Icon name={kindIcon(kind)} size={24} className="text-muted" />
          <p className="min-w-0 flex-1">
            <Literal text={name} className="block font-semibold" />
            <span className="block text-small text-muted">{kindWord(kind)}, as it says of itself</span>
          </p>
        </div>
      </div>
      <NoNetwork />
      <p className="text-muted">
        It will answer your computers, and can add and remove devices. If the codes differ, say no: somebody stands in
        between.
      </p>
      <HoldButton
        look="amber"
        armed
        onHeld={() => phone.joining.answerNewcomer(true)}
        label="Hold to let it in"
        reason="The codes are the same"
      />
      <Button look="danger" wide onClick={() => phone.joining.answerNewcomer(false)}>
        No, stop
      </Button>
    </PanelText>
  );
}
