import { useParams } from '@tanstack/react-router';
import { useModel } from '../model/use-model.tsx';
import { Fact, Facts } from '../parts/fact.tsx';
import { formatDay, formatTime } from '../parts/format.ts';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { useNow } from '../parts/use-now.ts';
import {
  confirmationWords,
  decisionWords,
  outcomeLooks,
  outcomeWords,
  refusalWords,
  shownOutcome,
} from './history-words.ts';

const back = { to: '/history', label: 'History' } as const;

const kindWords = { login: 'A login', git: 'A commit or tag', file: 'A file' } as const;

export function EntryPage() {
  const { hash } = useParams({ from: '/history/$hash' });
  const { history } = useModel();
  const now = useNow();
  const entry = history.find((candidate) => candidate.hash === hash);
  if (entry === undefined) {
    return (
      <Page title="History" back={back}>
        <p>This entry is no longer kept.</p>
      </Page>
    );
  }
  const confirmation = confirmationWords(entry);
  const decided = decisionWords(entry);
  return (
    <Page
      title={outcomeWords[shownOutcome(entry)]}
      back={back}
      side={
        <Icon
          name={outcomeLooks[shownOutcome(entry)].icon}
          size={28}
          className={outcomeLooks[shownOutcome(entry)].ink}
        />
      }
    >
      {entry.outcome === 'refused' && (
        <Notice tone="danger" title="Refused by this device">
          <p>{refusalWords(entry)}</p>
        </Notice>
      )}
      <Facts>
        <Fact label="When">{`${formatDay(entry.at, now)}, ${formatTime(entry.at)}`}</Fact>
        <Fact label="Asked by">{entry.computer}</Fact>
        <Fact label="For">{kindWords[entry.kind]}</Fact>
        {entry.subject !== null && (
          <Fact label={entry.kind === 'git' ? 'Subject' : 'Namespace'}>
            <Literal text={entry.subject} className={entry.kind === 'git' ? 'font-sans' : ''} />
          </Fact>
        )}
        {entry.repository !== null && (
          <Fact label="Repository">
            <Literal text={entry.repository} className="text-small leading-6" />
          </Fact>
        )}
        {entry.host !== null && (
          <Fact label="Server">
            <Literal text={entry.host} />
          </Fact>
        )}
        {entry.user !== null && (
          <Fact label="As">
            <Literal text={entry.user} />
          </Fact>
        )}
        {entry.hostFingerprint !== null && (
          <Fact label="Host key">
            <Literal text={entry.hostFingerprint} className="text-small" />
          </Fact>
        )}
        {entry.keyName !== null && <Fact label="Key">{entry.keyName}</Fact>}
        {decided !== null && <Fact label="Decided">{decided}</Fact>}
        {confirmation !== null && <Fact label="Answer">{confirmation}</Fact>}
        <Fact label="Request">
          <Literal text={entry.hash} className="text-small text-muted" />
        </Fact>
      </Facts>
    </Page>
  );
}
