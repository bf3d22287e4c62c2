import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useModel, usePhone } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { useNow } from '../parts/use-now.ts';
import { actFailure } from './act-words.ts';
import { deviceStory } from './device-words.ts';
import { WordsCheck } from './words-check.tsx';
import { WordsGrid } from './words-grid.tsx';

const back = { to: '/devices', label: 'Devices' } as const;

type Step =
  | { readonly is: 'about'; readonly failed: string | null }
  | { readonly is: 'making' }
  | { readonly is: 'shown'; readonly words: readonly string[] }
  | { readonly is: 'check'; readonly words: readonly string[]; readonly failed: string | null }
  | { readonly is: 'keeping' }
  | { readonly is: 'done' };

function Point({ icon, children }: { icon: IconName; children: string }) {
  return (
    <li className="flex gap-3 py-3">
      <Icon name={icon} className="mt-0.5 text-accent" />
      <span>{children}</span>
    </li>
  );
}

function About({ failed, onShow }: { failed: string | null; onShow: () => void }) {
  const { account } = useModel();
  const now = useNow();
  const words = account?.devices.find(({ kind, revoked }) => kind === 'paper' && revoked === null) ?? null;
  return (
    <PanelText title={words === null ? 'Twelve words, on paper' : 'You have recovery words'}>
      {words !== null && <p className="text-muted">{deviceStory(words, now)}. They are shown only once.</p>}
      <ul className="divide-y divide-line border-y border-line">
        <Point icon="paper">They let a new device into your account when you have lost all others.</Point>
        <Point icon="lock">Whoever has them can do the same. Keep them as you keep a key to your home.</Point>
        <Point icon="key">They bring back the account, not its SSH keys: those stay on their devices.</Point>
      </ul>
      {failed !== null && (
        <Notice tone="danger" title="No words were made">
          <p role="alert">{failed}</p>
        </Notice>
      )}
      {words !== null && <p>Have you lost the paper, or has somebody seen it? New words end the old ones.</p>}
      <Button look={words === null ? 'primary' : 'secondary'} wide className="min-h-14" onClick={onShow}>
        {words === null ? 'Show my words' : 'Make new words'}
      </Button>
    </PanelText>
  );
}

/** Recovery words, from why to done: shown once, checked, and only then in force. */
function WordsFlow() {
  const phone = usePhone();
  const { account, passphrase } = useModel();
  const [step, setStep] = useState<Step>({ is: 'about', failed: null });
  useEffect(() => () => phone.account.dropWords(), [phone]);
  const make = () => {
    setStep({ is: 'making' });
    phone.account.newWords().then(
      (words) => setStep({ is: 'shown', words }),
      (error: unknown) => setStep({ is: 'about', failed: actFailure(error) }),
    );
  };
  const leave = () => {
    phone.account.dropWords();
    setStep({ is: 'about', failed: null });
  };
  switch (step.is) {
    case 'about':
      return <About failed={step.failed} onShow={make} />;
    case 'making':
      return <PanelText title="Making your words…" busy />;
    case 'shown':
      return (
        <PanelText title="Write these down, in this order">
          <p className="text-muted">
            By hand, on paper: you see them only now. No photo, no screenshot, no note on a device.
          </p>
          <WordsGrid words={step.words} />
          <Button
            look="primary"
            wide
            className="min-h-14"
            onClick={() => setStep({ is: 'check', words: step.words, failed: null })}
          >
            I have written them down
          </Button>
          <Button wide onClick={leave}>
            Not now
          </Button>
        </PanelText>
      );
    case 'check': {
      const { words } = step;
      const keep = () => {
        setStep({ is: 'keeping' });
        phone.account.keepWords().then(
          () => setStep({ is: 'done' }),
          (error: unknown) => setStep({ is: 'check', words, failed: actFailure(error) }),
        );
      };
      return (
        <WordsCheck words={words} failed={step.failed} onRight={keep} onBack={() => setStep({ is: 'shown', words })} />
      );
    }
    case 'keeping':
      return <PanelText title="Adding them to your account…" busy />;
    case 'done':
      return (
        <PanelText title="Your words are in force">
          <p>Put the paper where you find it without any of your devices. Nothing of the words is kept here.</p>
          {account?.relay === null && (
            <Notice tone="unusual" title="No relay has your account yet">
              <p>The words find it once it has. Pair a computer, which gives the account its relay.</p>
            </Notice>
          )}
          <Link to="/devices" className={buttonClass('primary', true)}>
            Done
          </Link>
          {passphrase.is === 'off' && (
            <Link to="/settings/passphrase" className={buttonClass('quiet', true)}>
              Encrypt this browser’s data too
            </Link>
          )}
        </PanelText>
      );
  }
}

export function WordsPage() {
  const { account } = useModel();
  const can = account !== null && account.alarm === null;
  return (
    <Page title="Recovery words" back={back}>
      {can ? <WordsFlow /> : <p>They can be made once the account’s record is within reach.</p>}
    </Page>
  );
}
