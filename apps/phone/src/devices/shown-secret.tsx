import { isLoopback } from '@palmkey/core/pairing';
import { useState } from 'react';
import type { JoiningSuite, LettingInView } from '../model/account-view.ts';
import { usePhone } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { rowClass } from '../parts/row.tsx';
import { NoNetwork } from './no-network.tsx';
import { SecretCard } from './secret-card.tsx';

const titles: Record<JoiningSuite, string> = {
  kex3: 'Scan this with the new device',
  'kex2-v1': 'Scan this, or type its eight words',
  'kex2-v2': 'Scan this with the new device',
};

const otherSuites: readonly { suite: JoiningSuite; title: string; text: string }[] = [
  { suite: 'kex3', title: 'A short code', text: 'A number and three words' },
  { suite: 'kex2-v1', title: 'Eight words', text: 'Longer to type, for a relay that gives no numbers' },
  { suite: 'kex2-v2', title: 'Nine words in a QR code', text: 'Bound to this account; only to scan' },
];

function Way({ title, text, onChoose }: { title: string; text: string; onChoose: () => void }) {
  return (
    <li>
      <button type="button" className={`${rowClass} w-[calc(100%+2rem)] text-left`} onClick={onChoose}>
        <span className="min-w-0 flex-1">
          <span className="block font-medium">{title}</span>
          <span className="block text-small text-muted">{text}</span>
        </span>
        <Icon name="forward" className="text-muted" />
      </button>
    </li>
  );
}

function OtherWays({ current, onEnter }: { current: JoiningSuite; onEnter: () => void }) {
  const phone = usePhone();
  const [open, setOpen] = useState(false);
  return (
    <section>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-12 w-full items-center gap-2 text-left font-medium text-accent"
      >
        <Icon name="forward" size={16} className={`transition-transform duration-150 ${open ? 'rotate-90' : ''}`} />
        Other ways
      </button>
      {open && (
        <ul className="divide-y divide-line border-y border-line">
          <Way
            title="Scan or type what the new device shows"
            text="When this device has the better camera"
            onChoose={onEnter}
          />
          {otherSuites
            .filter(({ suite }) => suite !== current)
            .map(({ suite, title, text }) => (
              <Way key={suite} title={title} text={text} onChoose={() => phone.joining.letDeviceIn(suite)} />
            ))}
        </ul>
      )}
    </section>
  );
}

interface Props {
  shown: Extract<LettingInView, { is: 'showing' }>;
  onEnter: () => void;
}

/** What the new device has to be shown, and where to begin there. */
export function ShownSecret({ shown, onEnter }: Props) {
  const phone = usePhone();
  const { origin } = new URL(shown.link);
  return (
    <PanelText title={titles[shown.suite]}>
      <p className="text-muted">
        Open <Literal text={origin} className="text-ink" /> there and choose “I already use Palmkey on another device”.
        Or scan it with its camera app.
      </p>
      <NoNetwork />
      <SecretCard link={shown.link} words={shown.words} endsAt={shown.endsAt} />
      {isLoopback(origin) && (
        <Notice tone="standing" title="This address works on this computer only">
          <p>Another browser here can join. A phone needs an https address of this computer: the README says how.</p>
        </Notice>
      )}
      <OtherWays current={shown.suite} onEnter={onEnter} />
      <Button wide onClick={() => phone.joining.cancelLetIn()}>
        Cancel
      </Button>
    </PanelText>
  );
}
