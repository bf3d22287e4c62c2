import { gitVerb, namelessSubject, requestSubject } from '../approve/words.ts';
import type { RequestView } from '../model/request-view.ts';
import { Countdown } from '../parts/countdown.tsx';
import { Literal } from '../parts/literal.tsx';
import { Rows } from '../parts/row.tsx';

/** The queue, newest first, for the eye only: answers are given one after the other. */
export function WaitingRows({ waiting }: { waiting: readonly RequestView[] }) {
  return (
    <Rows>
      {waiting.toReversed().map((request) => (
        <li key={request.hash} className="flex min-h-16 items-center gap-3 py-3">
          <span className="min-w-0 flex-1">
            <Literal text={requestSubject(request) ?? namelessSubject(request)} className="block text-base" />
            <span className="block text-small text-muted">
              {request.computer.name}
              {request.kind === 'login' ? (
                <>
                  {' · as '}
                  <Literal text={request.user} />
                </>
              ) : (
                ` · ${request.kind === 'git' ? gitVerb(request).toLowerCase() : 'sign a file'}`
              )}
            </span>
          </span>
          <Countdown endsAt={request.endsAt} />
        </li>
      ))}
    </Rows>
  );
}
