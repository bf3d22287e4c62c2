import { Outlet, useParams } from '@tanstack/react-router';
import { useModel } from '../model/use-model.tsx';
import { Page } from '../parts/page.tsx';
import { Split } from '../parts/split.tsx';
import { AddKey } from './add-key.tsx';
import { KeyRows } from './key-rows.tsx';

function KeysList() {
  const { keys } = useModel();
  return (
    <Page title="Keys">
      <KeyRows keys={keys} />
      <p className="text-muted">Made in this browser. It can use them and cannot export them.</p>
      <AddKey />
    </Page>
  );
}

export function KeysPage() {
  const chosen = useParams({ strict: false }).id !== undefined;
  return <Split narrow={chosen ? 'detail' : 'list'} list={<KeysList />} detail={<Outlet />} />;
}
