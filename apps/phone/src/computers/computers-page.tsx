import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useModel } from '../model/use-model.tsx';
import { buttonClass } from '../parts/button.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { Split } from '../parts/split.tsx';
import { ComputerRows } from './computer-rows.tsx';
import { FirstComputer } from './first-computer.tsx';

function ComputersList() {
  const { computers } = useModel();
  return (
    <Page title="Computers">
      {computers.length === 0 ? (
        <EmptyState title="No computer yet">Pair the one whose SSH logins should ask here.</EmptyState>
      ) : (
        <ComputerRows computers={computers} />
      )}
      <Link to="/computers/add" className={buttonClass(computers.length === 0 ? 'primary' : 'secondary', true)}>
        <Icon name="plus" />
        Add a computer
      </Link>
      {computers.length > 0 && (
        <Link to="/computers/invite" className={buttonClass('quiet', true)}>
          Invite a computer to your relay
        </Link>
      )}
      <FirstComputer />
    </Page>
  );
}

/** The list, and beside or instead of it whichever computer was chosen. */
export function ComputersPage() {
  const deeper = useLocation().pathname !== '/computers';
  return <Split narrow={deeper ? 'detail' : 'list'} list={<ComputersList />} detail={<Outlet />} />;
}
