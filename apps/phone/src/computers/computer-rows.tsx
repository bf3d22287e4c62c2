import { Link } from '@tanstack/react-router';
import type { ComputerView } from '../model/model.ts';
import { Icon } from '../parts/icon.tsx';
import { rowClass, RowContent, Rows } from '../parts/row.tsx';
import { useNow } from '../parts/use-now.ts';
import { ReachDot, reachWords } from './reach.tsx';

export function ComputerRows({ computers }: { computers: readonly ComputerView[] }) {
  const now = useNow();
  return (
    <Rows>
      {computers.map((computer) => (
        <li key={computer.id}>
          <Link to="/computers/$id" params={{ id: computer.id }} className={rowClass}>
            <RowContent picture={<Icon name="computer" size={24} className="text-muted" />} title={computer.name}>
              <ReachDot reach={computer.reach} />
              {reachWords(computer, now)}
              {computer.mutedUntil !== null && ' · muted'}
              {computer.update !== null && ' · needs an update'}
            </RowContent>
          </Link>
        </li>
      ))}
    </Rows>
  );
}
