import type { Aftermath, HexId } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { aftermathWords } from './aftermath-words.ts';

const tones = {
  done: { icon: 'check', ink: 'text-accent' },
  waiting: { icon: 'clock', ink: 'text-muted' },
  unusual: { icon: 'alert', ink: 'text-amber' },
} as const;

/** The permission that was given with the answer, ended again; gone once it has ended. */
function TakeBack({ id }: { id: HexId }) {
  const { permissions } = useModel();
  const phone = usePhone();
  if (!permissions.some((permission) => permission.id === id)) return null;
  return (
    <Button look="quiet" onClick={() => void phone.revokePermission(id)}>
      Ask again next time
    </Button>
  );
}

/** One line under the inbox's title about the last answer. */
export function AftermathLine({ aftermath }: { aftermath: Aftermath }) {
  const phone = usePhone();
  const { text, tone } = aftermathWords(aftermath);
  return (
    <div role="status" className="flex min-h-12 items-center gap-3 border-y border-line">
      <Icon name={tones[tone].icon} className={tones[tone].ink} />
      <p className="min-w-0 flex-1 py-2">
        {aftermath.title !== null && <Literal text={aftermath.title} className="block text-small text-muted" />}
        {text}
      </p>
      {aftermath.permission !== null && <TakeBack id={aftermath.permission} />}
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
