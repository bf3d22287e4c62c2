import type { ReactNode } from 'react';
import { useModel } from '../model/use-model.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Page, Section } from '../parts/page.tsx';

function Point({ icon, ink, children }: { icon: IconName; ink: string; children: ReactNode }) {
  return (
    <li className="flex gap-3 py-3">
      <Icon name={icon} className={`mt-0.5 ${ink}`} />
      <span>{children}</span>
    </li>
  );
}

/** The limits, in words that are true. */
export function AboutPage() {
  const { passphrase } = useModel();
  const encrypted = passphrase.is === 'on';
  return (
    <Page title="What protects your keys" back={{ to: '/settings', label: 'Settings' }}>
      <Section title="What holds">
        <ul className="divide-y divide-line border-y border-line">
          <Point icon="check" ink="text-accent">
            {encrypted
              ? 'Keys are made in this browser, and encrypted with your passphrase while Palmkey is closed. It says which are not.'
              : 'Keys are made in this browser so that it can use them but not export them, and neither can this page.'}
          </Point>
          <Point icon="check" ink="text-accent">
            This device signs only what it has fully understood and shown to you. Everything else is refused.
          </Point>
          <Point icon="check" ink="text-accent">
            The relay carries sealed messages. It sees which device talks to which, when, and how much; not what.
          </Point>
          <Point icon="check" ink="text-accent">
            Silence, time-out and crash mean no.
          </Point>
        </ul>
      </Section>
      <Section title="What does not">
        <ul className="divide-y divide-line border-y border-line">
          <Point icon="alert" ink="text-amber">
            {encrypted
              ? 'While Palmkey is open, whoever controls this browser can use your keys. Close it when you leave.'
              : 'Whoever controls this browser profile, or copies it, can use your keys. Lock the device, or set a passphrase.'}
          </Point>
          <Point icon="alert" ink="text-amber">
            Whoever serves this page could serve another one. Open it from a server that you trust, best your own.
          </Point>
          <Point icon="alert" ink="text-amber">
            Which program asks, and what a server is called, is what the computer claims. The marks beside each fact say
            which it is.
          </Point>
          <Point icon="alert" ink="text-amber">
            If the browser deletes this site’s data, the keys are gone. Keep a second way into each server.
          </Point>
        </ul>
      </Section>
    </Page>
  );
}
