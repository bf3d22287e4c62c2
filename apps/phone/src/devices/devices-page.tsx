import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import type { AccountView } from '../model/account-view.ts';
import { useModel } from '../model/use-model.tsx';
import { buttonClass } from '../parts/button.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Split } from '../parts/split.tsx';
import { AccountNotices } from './account-notices.tsx';
import { AccountRecord } from './account-record.tsx';
import { DeviceRows, RelayRow, WordsRow } from './device-rows.tsx';

const back = { to: '/settings', label: 'Settings' } as const;

function Removed({ devices }: { devices: AccountView['devices'] }) {
  const [open, setOpen] = useState(false);
  if (devices.length === 0) return null;
  return (
    <section>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-12 w-full items-center gap-2 text-left text-small font-semibold text-muted"
      >
        <Icon name="forward" size={16} className={`transition-transform duration-150 ${open ? 'rotate-90' : ''}`} />
        Removed · {devices.length}
      </button>
      {open && <DeviceRows devices={devices} />}
    </section>
  );
}

function DevicesList() {
  const { account } = useModel();
  if (account === null) {
    return (
      <Page title="Devices" back={back}>
        <EmptyState title="No account yet">It is made with this device’s first key.</EmptyState>
      </Page>
    );
  }
  const active = account.devices.filter(({ revoked }) => revoked === null);
  const deciding = active.filter(({ kind }) => kind !== 'computer' && kind !== 'paper');
  const computers = active.filter(({ kind }) => kind === 'computer');
  return (
    <Page title="Devices" back={back}>
      <AccountNotices />
      <Section title="Devices that answer">
        <DeviceRows devices={deciding} />
        <Link to="/devices/add" className={`${buttonClass('primary', true)} mt-4`}>
          <Icon name="plus" />
          Add a device
        </Link>
      </Section>
      <Section title="If all of them are lost">
        <WordsRow words={active.find(({ kind }) => kind === 'paper') ?? null} />
      </Section>
      {computers.length > 0 && (
        <Section title="Computers that ask">
          <DeviceRows devices={computers} />
        </Section>
      )}
      <Section title="Where they meet">
        <RelayRow account={account} />
      </Section>
      <Removed devices={account.devices.filter(({ revoked, kind }) => revoked !== null && kind !== 'paper')} />
      <Section title="Account record">
        <AccountRecord account={account} />
        <p className="mt-2 text-small text-muted">The same on each of your devices, once it has been within reach.</p>
      </Section>
    </Page>
  );
}

/** The devices of the account, and beside or instead of them whichever was chosen. */
export function DevicesPage() {
  const deeper = useLocation().pathname !== '/devices';
  return <Split narrow={deeper ? 'detail' : 'list'} list={<DevicesList />} detail={<Outlet />} />;
}
