import { useEffect, useId, useState } from 'react';
import type { LockView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Switch } from '../parts/switch.tsx';
import { CodeField } from './code-field.tsx';
import { codeProblem, lockMinutes } from './lock-words.ts';
import { hasPlatformCheck } from './platform-check.ts';

interface Settings {
  readonly afterMinutes: number;
  readonly biometric: boolean;
}

function usePlatformCheck(): boolean {
  const [has, setHas] = useState(false);
  useEffect(() => {
    let gone = false;
    void hasPlatformCheck().then((found) => {
      if (!gone) setHas(found);
    });
    return () => {
      gone = true;
    };
  }, []);
  return has;
}

function SettingsFields({ settings, onChange }: { settings: Settings; onChange: (settings: Settings) => void }) {
  const name = useId();
  const platformCheck = usePlatformCheck();
  return (
    <>
      <fieldset>
        <legend className="mb-2 font-medium">Locks after being out of sight for</legend>
        <div className="flex gap-2">
          {lockMinutes.map((minutes) => (
            <Choice
              key={minutes}
              name={name}
              checked={settings.afterMinutes === minutes}
              label={`${minutes} min`}
              onChoose={() => onChange({ ...settings, afterMinutes: minutes })}
            />
          ))}
        </div>
      </fieldset>
      {(platformCheck || settings.biometric) && (
        <Switch
          label="Fingerprint or face opens it too"
          hint="The check of this device, beside the code."
          checked={settings.biometric}
          onChange={(biometric) => onChange({ ...settings, biometric })}
        />
      )}
    </>
  );
}

function SwitchOn() {
  const phone = usePhone();
  const [settings, setSettings] = useState<Settings>({ afterMinutes: 5, biometric: false });
  const [code, setCode] = useState('');
  const [again, setAgain] = useState('');
  const [state, setState] = useState<'idle' | 'saving' | 'failed'>('idle');
  const fine = codeProblem(code) === null && code === again;
  return (
    <form
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!fine || state === 'saving') return;
        setState('saving');
        phone.setLock({ code, ...settings }).catch(() => setState('failed'));
      }}
    >
      <CodeField
        label="New code"
        value={code}
        hint="6 digits or more. Nobody can give it back to you."
        problem={code === '' ? null : codeProblem(code)}
        onCode={setCode}
      />
      <CodeField
        label="The same again"
        value={again}
        problem={again !== '' && !code.startsWith(again) ? 'It differs from the first.' : null}
        onCode={setAgain}
      />
      <SettingsFields settings={settings} onChange={setSettings} />
      {state === 'failed' && (
        <Notice tone="danger" title="Not switched on">
          <p>It could not be saved, or the device’s own check was cancelled. Try again.</p>
        </Notice>
      )}
      <Button type="submit" look="primary" wide className="min-h-14" disabled={!fine || state === 'saving'}>
        Switch the lock on
      </Button>
    </form>
  );
}

type LockOn = Extract<LockView, { is: 'on' }>;

/** `onBusy`: what is shown stays as it is while the lock is changed, which takes it off for a moment. */
function Change({ lock, onBusy }: { lock: LockOn; onBusy: (busy: boolean) => void }) {
  const phone = usePhone();
  const [settings, setSettings] = useState<Settings>(lock);
  const [code, setCode] = useState('');
  const [state, setState] = useState<'idle' | 'busy' | 'wrong' | 'saved' | 'failed'>('idle');
  const changed = settings.afterMinutes !== lock.afterMinutes || settings.biometric !== lock.biometric;
  const change = async (next: Settings | null) => {
    if (!(await phone.removeLock(code))) {
      setState('wrong');
      return;
    }
    try {
      if (next !== null) await phone.setLock({ code, ...next });
      setState('saved');
      setCode('');
    } catch {
      await phone.setLock({ code, afterMinutes: lock.afterMinutes, biometric: false });
      setState('failed');
    }
  };
  const run = (next: Settings | null) => {
    setState('busy');
    onBusy(true);
    change(next)
      .catch(() => setState('failed'))
      .finally(() => onBusy(false));
  };
  return (
    <div className="space-y-5">
      <Button wide icon="lock" onClick={() => phone.lockNow()}>
        Lock now
      </Button>
      <Section title="Change it">
        <div className="space-y-5">
          <SettingsFields settings={settings} onChange={setSettings} />
          <CodeField
            label="Your code"
            value={code}
            hint="Needed to change the lock or to switch it off."
            problem={
              state === 'wrong' ? 'Wrong code.' : state === 'failed' ? 'It could not be saved. Try again.' : null
            }
            onCode={setCode}
          />
          <div className="space-y-2">
            <Button
              look="primary"
              wide
              disabled={!changed || code === '' || state === 'busy'}
              onClick={() => run({ afterMinutes: settings.afterMinutes, biometric: settings.biometric })}
            >
              Save
            </Button>
            <Button look="danger" wide disabled={code === '' || state === 'busy'} onClick={() => run(null)}>
              Switch the lock off
            </Button>
          </div>
          <p role="status" className="text-small text-muted">
            {state === 'saved' ? 'Saved.' : ''}
          </p>
        </div>
      </Section>
    </div>
  );
}

/** The app lock: what it is for, and its switch. */
export function LockPage() {
  const { lock: now } = useModel();
  const [kept, setKept] = useState<LockOn | null>(null);
  const lock = kept ?? now;
  return (
    <Page title="App lock" back={{ to: '/settings', label: 'Settings' }}>
      <p>
        Keeps somebody who holds your unlocked phone out of this app. It does not encrypt your keys: whoever controls
        this browser can still use them. Permissions that you gave go on while it is locked.
      </p>
      {lock.is === 'off' ? <SwitchOn /> : <Change lock={lock} onBusy={(busy) => setKept(busy ? lock : null)} />}
    </Page>
  );
}
