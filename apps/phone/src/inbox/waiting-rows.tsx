import { hostText } from '../approve/words.ts';
import type { LoginView } from '../model/model.ts';
import { Countdown } from '../parts/countdown.tsx';
import { Literal } from '../parts/literal.tsx';
import { Rows } from '../parts/row.tsx';

/** The queue, newest first, for the eye only: answers are given one after the other. */
export function WaitingRows({ waiting }: { waiting: readonly LoginView[] }) {
  return (
    <Rows>
      {waiting.toReversed().map((login) => (
        <li key={login.hash} className="flex min-h-16 items-center gap-3 py-3">
          <span className="min-w-0 flex-1">
            <Literal text={hostText(login.host) ?? 'a server without a name'} className="block text-base" />
            <span className="block text-small text-muted">
              {login.computer.name} · as <Literal text={login.user} />
            </span>
          </span>
          <Countdown endsAt={login.endsAt} />
        </li>
      ))}
    </Rows>
  );
}
