import { useModel } from '../model/use-model.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Literal } from '../parts/literal.tsx';
import { Page, Section } from '../parts/page.tsx';
import { MovingPanel } from './moving-panel.tsx';
import { RelayForm } from './relay-form.tsx';

const back = { to: '/devices', label: 'Devices' } as const;

/** Where the account is, and how it comes to another relay. */
export function RelayPage() {
  const { account } = useModel();
  if (account?.relay == null) {
    return (
      <Page title="Relay" back={back}>
        <EmptyState title="No relay yet">Your account gets one with the first computer that you pair.</EmptyState>
      </Page>
    );
  }
  const { moving, relay, removed } = account;
  const isFree = moving.is === 'none' || moving.is === 'failed' || moving.is === 'moved';
  return (
    <Page title="Relay" back={back}>
      <Section title="Your account is at">
        <p>
          <Literal text={relay} />
        </p>
        <p className="mt-2 text-small text-muted">
          Your devices and computers meet there. It carries what they say, and can read none of it.
        </p>
      </Section>
      <MovingPanel moving={moving} />
      {isFree && removed === null && <RelayForm />}
    </Page>
  );
}
