import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { isInstalled } from '../install/install-offer.ts';
import type { PassphraseView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { downloadBlob } from '../parts/download.ts';
import { Icon } from '../parts/icon.tsx';
import { LiveRegion } from '../parts/live-region.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Rename } from '../parts/rename.tsx';
import { rowClass, RowContent, Rows } from '../parts/row.tsx';
import { Split } from '../parts/split.tsx';
import { UpdateNotice } from './update-notice.tsx';

function Storage() {
  const { persistence } = useModel();
  const phone = usePhone();
  if (persistence === 'granted') return <p>The browser has promised to keep this site’s data.</p>;
  return (
    <>
      <p className="mb-3">
        The browser has not promised to keep this site’s data: it may delete it, and your keys with it, when space runs
        short.
      </p>
      <Button onClick={() => void phone.requestPersistence()}>Ask it to keep them</Button>
    </>
  );
}

function Export() {
  const phone = usePhone();
  const [state, setState] = useState<'idle' | 'failed'>('idle');
  const run = () => {
    phone.exportFacts().then(
      (blob) => {
        setState('idle');
        downloadBlob(blob, `palmkey-${new Date().toISOString().slice(0, 10)}.json`);
      },
      () => setState('failed'),
    );
  };
  return (
    <>
      <p className="mb-3">
        Computers, public keys, pinned host keys and history, as one readable file. Private keys cannot leave.
      </p>
      <Button icon="download" onClick={run}>
        Export everything else
      </Button>
      <LiveRegion urgent={false}>{state === 'failed' ? 'The export failed. Try again.' : ''}</LiveRegion>
      {state === 'failed' && <p className="mt-2 text-danger">The export failed. Reload the page and try again.</p>}
    </>
  );
}

function passphraseWords(passphrase: PassphraseView): string {
  if (passphrase.is === 'off') return 'Off: what is kept here is not encrypted';
  const { device, keys } = passphrase.bare;
  return device || keys.length > 0 ? 'On, and some keys are not encrypted yet' : 'On: everything here is encrypted';
}

function SettingsList() {
  const { account, deviceName, lock, notices, passphrase, permissions } = useModel();
  const active = account?.devices.filter(({ revoked, kind }) => revoked === null && kind !== 'paper').length ?? 0;
  const phone = usePhone();
  return (
    <Page title="Settings">
      <UpdateNotice />
      <Rename
        key={deviceName}
        label="This device"
        name={deviceName}
        hint="What your computers call it while they wait."
        onRename={(name) => phone.renameDevice(name)}
      />
      <Rows>
        <li>
          <Link to="/devices" className={rowClass}>
            <RowContent picture={<Icon name="phone" className="text-muted" />} title="Devices">
              {account === null
                ? 'No account yet'
                : `${active} in your account${account.hasWords ? '' : ' · no recovery words'}`}
            </RowContent>
          </Link>
        </li>
        <li>
          <Link to="/settings/lock" className={rowClass}>
            <RowContent picture={<Icon name="lock" className="text-muted" />} title="App lock">
              {lock.is === 'off' ? 'Off' : `On, after ${lock.afterMinutes} min out of sight`}
            </RowContent>
          </Link>
        </li>
        <li>
          <Link to="/settings/passphrase" className={rowClass}>
            <RowContent picture={<Icon name="key" className="text-muted" />} title="Passphrase">
              {passphraseWords(passphrase)}
            </RowContent>
          </Link>
        </li>
        <li>
          <Link to="/settings/notifications" className={rowClass}>
            <RowContent picture={<Icon name="bell" className="text-muted" />} title="Notifications">
              {notices.on ? 'On: a request wakes this device' : 'Off: a request waits until you open Palmkey'}
            </RowContent>
          </Link>
        </li>
        <li>
          <Link to="/permissions" className={rowClass}>
            <RowContent picture={<Icon name="verified" className="text-muted" />} title="Allowed right now">
              {permissions.length === 0 ? 'Nothing: every request asks' : `${permissions.length} in force`}
            </RowContent>
          </Link>
        </li>
        <li>
          <Link to="/settings/install" className={rowClass}>
            <RowContent picture={<Icon name="download" className="text-muted" />} title="Install the app">
              {isInstalled() ? 'Installed' : 'Opens like any app, also without a network'}
            </RowContent>
          </Link>
        </li>
      </Rows>
      <Section title="Storage">
        <Storage />
      </Section>
      <Section title="Export">
        <Export />
      </Section>
      <Section title="About">
        <Rows>
          <li>
            <Link to="/settings/about" className={rowClass}>
              <RowContent title="What protects your keys">And what does not</RowContent>
            </Link>
          </li>
        </Rows>
        <p className="mt-3 text-small text-muted">Palmkey {__APP_VERSION__}</p>
      </Section>
    </Page>
  );
}

export function SettingsPage() {
  const deeper = useLocation().pathname !== '/settings';
  return <Split narrow={deeper ? 'detail' : 'list'} list={<SettingsList />} detail={<Outlet />} />;
}
