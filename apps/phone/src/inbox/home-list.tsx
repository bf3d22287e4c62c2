import { Link } from '@tanstack/react-router';
import { ComputerRows } from '../computers/computer-rows.tsx';
import { FirstComputer } from '../computers/first-computer.tsx';
import { AccountNotices } from '../devices/account-notices.tsx';
import { HistoryRows } from '../history/history-rows.tsx';
import { useModel } from '../model/use-model.tsx';
import { buttonClass } from '../parts/button.tsx';
import { formatDay } from '../parts/format.ts';
import { Section } from '../parts/page.tsx';
import { useNow } from '../parts/use-now.ts';
import { MuteOffer } from '../computers/mute.tsx';
import type { RequestView } from '../model/request-view.ts';
import { InstallCard } from '../install/install-card.tsx';
import { UpdateNotice } from '../settings/update-notice.tsx';
import { AllowedSection } from './allowed-section.tsx';
import { ComputerNotices } from './computer-notices.tsx';
import { OfflineNotice } from './offline-notice.tsx';
import { AftermathLine } from './aftermath-line.tsx';
import { PairingNotice } from './pairing-notice.tsx';
import { PushNotice } from './push-notice.tsx';
import { SignInNotice } from './sign-in-notice.tsx';
import { StandingNotices } from './standing-notices.tsx';
import { WaitingRows } from './waiting-rows.tsx';

interface Props {
  showWaiting: boolean;
  /** The computer that was rejected again and again. */
  annoying: RequestView['computer'] | null;
}

/** Everything on home but the request in front: the last answer, what waits, what is allowed, notices, computers, today. */
export function HomeList({ showWaiting, annoying }: Props) {
  const { aftermath, computers, history, waiting } = useModel();
  const now = useNow();
  const today = history.filter(({ at }) => formatDay(at, now) === 'Today');
  return (
    <div className="mx-auto w-full max-w-xl space-y-8 px-4 pb-8 wide:pt-8">
      <h2 className="hidden min-h-12 items-center text-huge font-semibold tracking-tight wide:flex">Inbox</h2>
      {aftermath !== null && <AftermathLine aftermath={aftermath} />}
      {showWaiting && waiting.length > 0 && (
        <Section title={`Waiting · ${waiting.length}`}>
          <WaitingRows waiting={waiting} />
        </Section>
      )}
      <AllowedSection />
      {annoying !== null && <MuteOffer computer={annoying} />}
      <SignInNotice />
      <ComputerNotices />
      <OfflineNotice />
      <PairingNotice />
      <AccountNotices />
      <StandingNotices />
      <PushNotice />
      <UpdateNotice />
      <InstallCard />
      <Section title="Computers">
        {computers.length > 0 ? (
          <ComputerRows computers={computers} />
        ) : (
          <div className="space-y-4">
            <div className="border-y border-line py-4">
              <p className="text-muted">None yet. Pair the computer whose SSH logins should ask here.</p>
              <Link to="/computers/add" className={`${buttonClass('primary')} mt-3`}>
                Add a computer
              </Link>
            </div>
            <FirstComputer />
          </div>
        )}
      </Section>
      {today.length > 0 && (
        <Section title="Today">
          <HistoryRows entries={today} />
        </Section>
      )}
    </div>
  );
}
