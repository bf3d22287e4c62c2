import { Link, useParams } from '@tanstack/react-router';
import { ComputerNotices } from '../inbox/computer-notices.tsx';
import { AccountFact } from '../devices/account-fact.tsx';
import { HistoryRows } from '../history/history-rows.tsx';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Fact, Facts } from '../parts/fact.tsx';
import { formatAgo, formatDate } from '../parts/format.ts';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { rowClass, RowContent, Rows } from '../parts/row.tsx';
import { Rename } from '../parts/rename.tsx';
import { useNow } from '../parts/use-now.ts';
import { canGetIn } from './admission-words.ts';
import { ReachDot, reachAdvice, reachWords } from './reach.tsx';
import { MuteSheet } from './mute.tsx';
import { Unpair } from './unpair.tsx';

const back = { to: '/computers', label: 'Computers' } as const;

export function ComputerPage() {
  const { id } = useParams({ from: '/computers/$id' });
  const { account, computers, history, permissions } = useModel();
  const phone = usePhone();
  const now = useNow();
  const computer = computers.find((candidate) => candidate.id === id);
  if (computer === undefined) {
    return (
      <Page title="Computer" back={back}>
        <p>This computer is not paired with this device.</p>
      </Page>
    );
  }
  const advice = reachAdvice(computer);
  const isAway = computer.reach === 'offline' || computer.reach === 'refused';
  const allowed = permissions.filter((permission) => permission.computer.id === computer.id).length;
  const recent = history.filter((entry) => entry.computer === computer.name).slice(0, 5);
  return (
    <Page title={computer.name} back={back}>
      {advice !== null && (
        <Notice
          tone={computer.reach === 'refused' ? 'danger' : 'unusual'}
          title={reachWords(computer, now)}
          actions={
            <>
              {canGetIn(computer.problem) && (
                <Link to="/computers/admission" search={{ relay: computer.relay }} className={buttonClass('primary')}>
                  Get in
                </Link>
              )}
              <Button onClick={() => phone.reconnect()}>Try now</Button>
              {isAway && computer.relay === account?.relay && (
                <Link to="/devices/relay" className={buttonClass('secondary')}>
                  The relay has another address
                </Link>
              )}
            </>
          }
        >
          <p>{advice}</p>
        </Notice>
      )}
      <ComputerNotices only={computer.id} />
      <Facts>
        <Fact label="Reach">
          <ReachDot reach={computer.reach} />
          {reachWords(computer, now)}
        </Fact>
        <Fact label="Last seen">{computer.lastSeenAt === null ? 'Never' : formatAgo(computer.lastSeenAt, now)}</Fact>
        <Fact label="Paired">{formatDate(computer.pairedAt, now)}</Fact>
        <AccountFact computer={computer.id} />
        <Fact label="Relay">
          <Literal text={computer.relay} className="text-small" />
        </Fact>
        {computer.software !== null && (
          <Fact label="Software">
            <Literal text={computer.software} className="text-small" />
          </Fact>
        )}
      </Facts>
      <Rows>
        <li>
          <Link to="/permissions" search={{ computer: computer.id }} className={rowClass}>
            <RowContent title="Allowed right now">
              {allowed === 0
                ? 'Nothing: every request asks'
                : allowed === 1
                  ? '1 permission'
                  : `${allowed} permissions`}
            </RowContent>
          </Link>
        </li>
      </Rows>
      <Rename
        key={computer.id}
        label="Name"
        name={computer.name}
        hint="How this device calls it. The computer keeps its own name."
        onRename={(name) => phone.renameComputer(computer.id, name)}
      />
      {recent.length > 0 && (
        <Section title="Recently">
          <HistoryRows entries={recent} />
        </Section>
      )}
      <div className="space-y-2">
        {computer.mutedUntil === null && <MuteSheet computer={computer} trigger={<Button wide>Mute</Button>} />}
        <Unpair computer={computer} />
      </div>
    </Page>
  );
}
