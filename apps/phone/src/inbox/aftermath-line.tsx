import type { HexId } from '../model/hex-id.ts';
import type { Aftermath } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { formatTime } from '../parts/format.ts';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { aftermathWords } from './aftermath-words.ts';

const tones = {
  done: { icon: 'check', ink: 'text-accent' },
  waiting: { icon: 'clock', ink: 'text-muted' },
  unusual: { icon: 'alert', ink: 'text-amber' },
} as const;

/** The permission that was given with the answer, and the way to take it back; gone once it has ended. */
function Allowed({ id }: { id: HexId }) {
  const { permissions } = useModel();
  const phone = usePhone();
  const held = permissions.find((permission) => permission.id === id);
  if (held === undefined) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-small text-muted">
      Allowed until {formatTime(held.endsAt)}
      <button
        type="button"
        className="min-h-12 font-medium text-accent underline"
        onClick={() => void phone.revokePermission(id)}
      >
        Take it back
      </button>
    </p>
  );
}

/** One line under the inbox's title about the last answer. */
export function AftermathLine({ aftermath }: { aftermath: Aftermath }) {
  const phone = usePhone();
  const { text, tone } = aftermathWords(aftermath);
  return (
    <div role="status" className="flex min-h-12 items-center gap-3 border-y border-line">
      <Icon name={tones[tone].icon} className={tones[tone].ink} />
      <div className="min-w-0 flex-1 py-2">
        {aftermath.title !== null && (
          <p className="text-small text-muted">
            <Literal text={aftermath.title} />
          </p>
        )}
        <p>{text}</p>
        {aftermath.permission !== null && <Allowed id={aftermath.permission} />}
      </div>
      <button
        type="button"
        aria-label="Put this line away"
        className="-mr-3 flex size-12 items-center justify-center text-muted"
        onClick={() => phone.dismissAftermath()}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
