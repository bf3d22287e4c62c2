import { useCallback, useEffect, useState } from 'react';
import { MuteOffer } from '../computers/mute.tsx';
import { AlarmNotice } from '../devices/alarm-notice.tsx';
import type { HexId } from '../model/hex-id.ts';
import type { RequestView } from '../model/request-view.ts';
import { useModel } from '../model/use-model.tsx';
import { GuardedButton } from '../parts/guarded-button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Actions } from './actions.tsx';
import { Answered } from './answered.tsx';
import { Slip } from './slip.tsx';
import type { DeskControls } from './use-desk.ts';
import { overWords } from './words.ts';

function useExpiry(request: RequestView | null, expire: (request: RequestView) => void): void {
  useEffect(() => {
    if (request === null) return;
    const timer = setTimeout(() => expire(request), Math.max(0, request.endsAt - Date.now()));
    return () => clearTimeout(timer);
  }, [request, expire]);
}

const footer =
  'bottom-[calc(4.5rem+env(safe-area-inset-bottom))] z-10 mt-auto -mx-2 bg-ground px-4 pt-2 pb-2 tall:sticky tall:before:pointer-events-none tall:before:absolute tall:before:inset-x-0 tall:before:bottom-full tall:before:h-6 tall:before:bg-linear-to-t tall:before:from-ground tall:before:to-transparent wide:bottom-0 wide:mt-4 wide:mx-0 wide:px-0 wide:pb-8';

/**
 * A request with its answers at the lower edge. They act once its facts are on the screen; while the account is in doubt
 * there are none.
 */
function Asking({ controls, request }: { controls: DeskControls; request: RequestView }) {
  const { armed, behind, annoying, answer } = controls;
  const alarm = useModel().account?.alarm ?? null;
  const [shown, setShown] = useState<HexId | null>(null);
  const onShown = useCallback(() => setShown(request.hash), [request.hash]);
  return (
    <>
      <Slip
        key={request.hash}
        request={request}
        behind={behind}
        onPass={alarm === null ? () => answer(request, 'pass') : null}
        onShown={onShown}
      />
      {annoying !== null && annoying.id === request.computer.id && (
        <div className="px-2 pt-4">
          <MuteOffer computer={annoying} />
        </div>
      )}
      <div className={footer}>
        {alarm === null ? (
          <Actions
            key={request.hash}
            request={request}
            armed={armed && shown === request.hash}
            onAnswer={(decision, permission) => answer(request, decision, permission)}
          />
        ) : (
          <div role="alert">
            <AlarmNotice alarm={alarm} />
          </div>
        )}
      </div>
    </>
  );
}

/** The request in front of the person. */
export function DeskView({ controls }: { controls: DeskControls }) {
  const { desk, armed, behind, putAway, expire } = controls;
  useExpiry(desk.is === 'asking' ? desk.request : null, expire);
  if (desk.is === 'clear') return null;
  return (
    <div className="mx-auto flex min-h-[calc(100dvh-4.5rem-env(safe-area-inset-bottom))] w-full max-w-xl flex-col px-2 pt-2 wide:min-h-dvh wide:px-8 wide:pt-8">
      {desk.is === 'answered' && <Answered {...desk} />}
      {desk.is === 'asking' && <Asking controls={controls} request={desk.request} />}
      {desk.is === 'over' && (
        <Slip key={desk.request.hash} request={desk.request} behind={behind} over>
          <div className="px-4 pt-4 wide:px-6" role="alert">
            <Notice
              tone="unusual"
              title={overWords(desk, desk.request.computer.name).title}
              actions={
                <GuardedButton look="secondary" armed={armed} onPress={putAway}>
                  {behind > 0 ? 'Show the next request' : 'Back to the inbox'}
                </GuardedButton>
              }
            >
              {overWords(desk, desk.request.computer.name).text}
            </Notice>
          </div>
        </Slip>
      )}
    </div>
  );
}
