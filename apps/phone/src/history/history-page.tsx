import { Outlet, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { HistoryEntry } from '../model/model.ts';
import { useModel } from '../model/use-model.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { formatDay } from '../parts/format.ts';
import { Page, Section } from '../parts/page.tsx';
import { Split } from '../parts/split.tsx';
import { useNow } from '../parts/use-now.ts';
import { HistoryRows } from './history-rows.tsx';

function byDay(entries: readonly HistoryEntry[], now: number): [string, HistoryEntry[]][] {
  const days = new Map<string, HistoryEntry[]>();
  for (const entry of entries) {
    const day = formatDay(entry.at, now);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return [...days];
}

function Filter({ names, chosen, onChoose }: { names: string[]; chosen: string; onChoose: (name: string) => void }) {
  return (
    <label className="flex items-center gap-3">
      <span className="text-small text-muted">Computer</span>
      <select
        value={chosen}
        onChange={(event) => onChoose(event.target.value)}
        className="min-h-12 min-w-0 flex-1 rounded-xl border border-line-strong bg-paper px-3"
      >
        <option value="">All</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function HistoryList() {
  const { history } = useModel();
  const [computer, setComputer] = useState('');
  const now = useNow();
  const names = [...new Set(history.map((entry) => entry.computer))].toSorted();
  const shown = computer === '' ? history : history.filter((entry) => entry.computer === computer);
  return (
    <Page title="History">
      {names.length > 1 && <Filter names={names} chosen={computer} onChoose={setComputer} />}
      {history.length === 0 && (
        <EmptyState title="Nothing yet">Every request and what became of it is kept here.</EmptyState>
      )}
      {byDay(shown, now).map(([day, entries]) => (
        <Section key={day} title={day}>
          <HistoryRows entries={entries} />
        </Section>
      ))}
    </Page>
  );
}

export function HistoryPage() {
  const chosen = useParams({ strict: false }).hash !== undefined;
  return <Split narrow={chosen ? 'detail' : 'list'} list={<HistoryList />} detail={<Outlet />} />;
}
