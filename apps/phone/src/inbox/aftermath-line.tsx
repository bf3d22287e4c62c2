import type { Aftermath } from '../model/model.ts';
import { usePhone } from '../model/use-model.tsx';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { aftermathWords } from './aftermath-words.ts';

const tones = {
  done: { icon: 'check', ink: 'text-accent' },
  waiting: { icon: 'clock', ink: 'text-muted' },
  unusual: { icon: 'alert', ink: 'text-amber' },
} as const;

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
