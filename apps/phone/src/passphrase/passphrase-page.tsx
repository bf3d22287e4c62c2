import { useEffect, useRef, useState } from 'react';
import { Link } from '@tanstack/react-router';
import type { PassphraseView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { focusHeading } from '../parts/focus-heading.ts';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { BareKeys } from './bare-keys.tsx';
import { NewPassphrase, type Typed } from './new-passphrase.tsx';
import { PassphraseField } from './passphrase-field.tsx';
import { isPassphrase } from './passphrase-words.ts';

const nothing: Typed = { text: '', again: '' };

function Consequences() {
  const { account } = useModel();
  const decide = account?.devices.filter(({ revoked, kind }) => revoked === null && kind !== 'computer') ?? [];
  return (
    <>
      <ul className="list-disc space-y-2 pl-5">
        <li>You type it each time Palmkey is opened.</li>
        <li>
          While Palmkey is closed nothing is answered, not even under a permission: a notification says only that
          something asks.
        </li>
        <li>
          Keys that are here already stay as they are: the browser gives them to nobody. This page says afterwards how
          to make new ones.
        </li>
        <li>A device that you let in from here gets it too, and has its own to change from then on.</li>
      </ul>
      {decide.length < 2 && (
        <Notice
          tone="standing"
          title="There is no other way in yet"
          actions={
            <Link to="/devices/words" className={buttonClass('secondary')}>
              Make recovery words
            </Link>
          }
        >
          <p>Forget the passphrase, and this account is lost. Recovery words or a second device bring it back.</p>
        </Notice>
      )}
    </>
  );
}

function Set() {
  const phone = usePhone();
  const [typed, setTyped] = useState(nothing);
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  const fine = isPassphrase(typed.text, typed.again);
  return (
    <form
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!fine || state === 'busy') return;
        setState('busy');
        phone.passphrase.set(typed.text).catch(() => setState('failed'));
      }}
    >
      <Consequences />
      <NewPassphrase typed={typed} onType={setTyped} />
      {state === 'failed' && (
        <Notice tone="danger" title="Not encrypted">
          <p role="alert">It could not be saved, and everything is as it was. Free some space and try again.</p>
        </Notice>
      )}
      <Button type="submit" look="primary" wide className="min-h-14" disabled={!fine || state === 'busy'}>
        {state === 'busy' ? 'Encrypting…' : 'Encrypt with it'}
      </Button>
    </form>
  );
}

function Change() {
  const phone = usePhone();
  const [former, setFormer] = useState('');
  const [typed, setTyped] = useState(nothing);
  const [state, setState] = useState<'idle' | 'busy' | 'wrong' | 'changed' | 'failed'>('idle');
  const run = (work: Promise<boolean>) => {
    setState('busy');
    work.then(
      (done) => {
        setState(done ? 'changed' : 'wrong');
        if (!done) return;
        setFormer('');
        setTyped(nothing);
      },
      () => setState('failed'),
    );
  };
  const problem = { wrong: 'Not the passphrase.', failed: 'It could not be saved. Try again.' };
  const idle = former !== '' && state !== 'busy';
  return (
    <Section title="Change it">
      <form
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (idle && isPassphrase(typed.text, typed.again)) run(phone.passphrase.change(former, typed.text));
        }}
      >
        <p>Your other devices keep the passphrase that they have, until it is changed there.</p>
        <PassphraseField
          label="Your passphrase"
          value={former}
          hint="Needed to change it or to take it away."
          problem={state === 'wrong' || state === 'failed' ? problem[state] : null}
          onText={setFormer}
        />
        <NewPassphrase typed={typed} onType={setTyped} />
        <div className="space-y-2">
          <Button type="submit" look="primary" wide disabled={!idle || !isPassphrase(typed.text, typed.again)}>
            Change it
          </Button>
          <Button look="danger" wide disabled={!idle} onClick={() => run(phone.passphrase.remove(former))}>
            Take it away
          </Button>
        </div>
        <p role="status" className="text-small text-muted">
          {state === 'busy' ? 'One moment…' : state === 'changed' ? 'Changed.' : ''}
        </p>
      </form>
    </Section>
  );
}

type PassphraseOn = Extract<PassphraseView, { is: 'on' }>;

function On({ passphrase: { bare } }: { passphrase: PassphraseOn }) {
  return (
    <>
      {bare.device || bare.keys.length > 0 ? (
        <BareKeys bare={bare} />
      ) : (
        <Notice tone="calm" title="Everything here is encrypted">
          <p>A copy of this browser’s data is of no use without the passphrase.</p>
        </Notice>
      )}
      <Change />
    </>
  );
}

/** The passphrase: what it is for beside the app lock, and what it does not cover. */
export function PassphrasePage() {
  const { passphrase } = useModel();
  const before = useRef(passphrase.is);
  useEffect(() => {
    // The form that was sent is gone.
    if (passphrase.is !== before.current) focusHeading();
    before.current = passphrase.is;
  }, [passphrase.is]);
  return (
    <Page title="Passphrase" back={{ to: '/settings', label: 'Settings' }}>
      <p>
        Encrypts what Palmkey keeps in this browser: keys, computers, permissions, history. The app lock’s code keeps
        others out of an open app; the passphrase is for the day when somebody copies the browser’s data.
      </p>
      {passphrase.is === 'off' ? <Set /> : <On passphrase={passphrase} />}
    </Page>
  );
}
