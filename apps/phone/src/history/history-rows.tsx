import { Link } from '@tanstack/react-router';
import type { HistoryEntry } from '../model/model.ts';
import { formatTime } from '../parts/format.ts';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { rowClass, RowContent, Rows } from '../parts/row.tsx';
import { decidedBy, outcomeLooks, outcomeWords, shownOutcome } from './history-words.ts';

/** What was asked for, by its kind. */
function EntryTitle({ entry: { kind, host, user, subject } }: { entry: HistoryEntry }) {
  if (kind === 'git') {
    return subject === null ? (
      'An unreadable text for git'
    ) : (
      <Literal text={subject} className="font-sans font-normal" />
    );
  }
  if (kind === 'file') return subject === null ? 'A file' : <Literal text={subject} className="font-normal" />;
  if (host !== null) return <Literal text={host} className="font-normal" />;
  return user === null ? 'Unreadable request' : 'A server without a name';
}

export function HistoryRows({ entries }: { entries: readonly HistoryEntry[] }) {
  return (
    <Rows>
      {entries.map((entry) => (
        <li key={entry.hash}>
          <Link to="/history/$hash" params={{ hash: entry.hash }} className={rowClass}>
            <RowContent
              picture={
                <Icon name={outcomeLooks[shownOutcome(entry)].icon} className={outcomeLooks[shownOutcome(entry)].ink} />
              }
              title={<EntryTitle entry={entry} />}
            >
              {outcomeWords[shownOutcome(entry)]}
              {decidedBy(entry)}
              {entry.kind !== 'login' && ` · ${entry.kind === 'git' ? 'git' : 'file'}`}
              {entry.user !== null && (
                <>
                  {' · as '}
                  <Literal text={entry.user} />
                </>
              )}
              {` · ${entry.computer} · ${formatTime(entry.at)}`}
            </RowContent>
          </Link>
        </li>
      ))}
    </Rows>
  );
}
