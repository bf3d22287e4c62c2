import { useEffect } from 'react';
import type { LoginView } from '../model/model.ts';
import { GuardedButton } from '../parts/guarded-button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Actions } from './actions.tsx';
import { Answered } from './answered.tsx';
import { Slip } from './slip.tsx';
import type { DeskControls } from './use-desk.ts';
import { overWords } from './words.ts';

function useExpiry(login: LoginView | null, expire: (login: LoginView) => void): void {
  useEffect(() => {
    if (login === null) return;
    const timer = setTimeout(() => expire(login), Math.max(0, login.endsAt - Date.now()));
    return () => clearTimeout(timer);
  }, [login, expire]);
}

/** The request in front of the person, with its answers at the lower edge. */
export function DeskView({ controls }: { controls: DeskControls }) {
  const { desk, armed, behind, answer, putAway, expire } = controls;
  useExpiry(desk.is === 'asking' ? desk.login : null, expire);
  if (desk.is === 'clear') return null;
  return (
    <div className="mx-auto flex min-h-[calc(100dvh-4.5rem-env(safe-area-inset-bottom))] w-full max-w-xl flex-col px-2 pt-2 wide:min-h-dvh wide:px-8 wide:pt-8">
      {desk.is === 'answered' && <Answered login={desk.login} decision={desk.decision} />}
      {desk.is === 'asking' && (
        <>
          <Slip key={desk.login.hash} login={desk.login} behind={behind} />
          <div className="bottom-[calc(4.5rem+env(safe-area-inset-bottom))] z-10 mt-auto -mx-2 bg-ground px-4 pt-2 pb-2 tall:sticky tall:before:pointer-events-none tall:before:absolute tall:before:inset-x-0 tall:before:bottom-full tall:before:h-6 tall:before:bg-linear-to-t tall:before:from-ground tall:before:to-transparent wide:bottom-0 wide:mt-4 wide:mx-0 wide:px-0 wide:pb-8">
            <Actions
              key={desk.login.hash}
              login={desk.login}
              armed={armed}
              onAnswer={(decision) => answer(desk.login, decision)}
            />
          </div>
        </>
      )}
      {desk.is === 'over' && (
        <Slip key={desk.login.hash} login={desk.login} behind={behind} over>
          <div className="px-4 pt-4 wide:px-6" role="alert">
            <Notice
              tone="unusual"
              title={overWords(desk.outcome, desk.login.computer.name).title}
              actions={
                <GuardedButton look="secondary" armed={armed} onPress={putAway}>
                  {behind > 0 ? 'Show the next request' : 'Back to the inbox'}
                </GuardedButton>
              }
            >
              {overWords(desk.outcome, desk.login.computer.name).text}
            </Notice>
          </div>
        </Slip>
      )}
    </div>
  );
}
