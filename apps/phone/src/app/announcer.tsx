import { useEffect } from 'react';
import { requestSentence } from '../approve/words.ts';
import { useModel } from '../model/use-model.tsx';
import { LiveRegion } from '../parts/live-region.tsx';

/** Says what waits: the window's title with the count, a new request at once, the queue behind it politely. */
export function Announcer() {
  const { waiting } = useModel();
  const [first] = waiting;
  const behind = waiting.length - 1;
  useEffect(() => {
    document.title = waiting.length > 0 ? `(${waiting.length}) Palmkey` : 'Palmkey';
  }, [waiting.length]);
  return (
    <>
      <LiveRegion urgent>{first === undefined ? '' : requestSentence(first)}</LiveRegion>
      <LiveRegion urgent={false}>
        {behind > 0 ? `${behind} more ${behind === 1 ? 'request waits' : 'requests wait'}.` : ''}
      </LiveRegion>
    </>
  );
}
