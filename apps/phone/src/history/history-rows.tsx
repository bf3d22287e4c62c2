import { Link } from '@tanstack/react-router';
import type { HistoryEntry } from '../model/model.ts';
import { formatTime } from '../parts/format.ts';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { rowClass, RowContent, Rows } from '../parts/row.tsx';
import { outcomeLooks, outcomeWords, shownOutcome } from './history-words.ts';

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
              title={
                entry.host === null ? (
                  entry.user === null ? (
                    'Unreadable request'
                  ) : (
                    'A server without a name'
                  )
                ) : (
                  <Literal text={entry.host} className="font-normal" />
                )
              }
            >
              {outcomeWords[shownOutcome(entry)]}
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
