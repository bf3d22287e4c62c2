import { useEffect, useRef } from 'react';
import { focusHeading } from '../parts/focus-heading.ts';
import { DeskView } from '../approve/desk-view.tsx';
import { grantForm } from '../approve/actions.tsx';
import { gitBody } from '../approve/slip.tsx';
import { useDesk } from '../approve/use-desk.ts';
import { useModel } from '../model/use-model.tsx';
import { BrandMark } from '../parts/brand-mark.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Split } from '../parts/split.tsx';
import { HomeList } from './home-list.tsx';

function Nothing() {
  const { computers } = useModel();
  return (
    <div className="wide:flex wide:h-full wide:items-center wide:justify-center">
      <h1 className="sr-only" tabIndex={-1} data-page-heading>
        Inbox
      </h1>
      <EmptyState title="Nothing is asking." picture={<BrandMark size={56} />}>
        {computers.length > 0 && 'When a computer wants to use a key, it asks here.'}
      </EmptyState>
    </div>
  );
}

/** Home: the request in front if there is one, else that there is none, and everything else of today. */
export function InboxPage() {
  const controls = useDesk();
  useEffect(() => {
    gitBody.load();
    grantForm.load();
  }, []);
  const clear = controls.desk.is === 'clear';
  const wasClear = useRef(clear);
  useEffect(() => {
    // The button that was pressed is gone.
    if (clear && !wasClear.current) focusHeading();
    wasClear.current = clear;
  }, [clear]);
  return (
    <Split
      first="detail"
      narrow={clear ? 'both' : 'detail'}
      list={<HomeList showWaiting={!clear} annoying={controls.annoying} />}
      detail={clear ? <Nothing /> : <DeskView controls={controls} />}
    />
  );
}
