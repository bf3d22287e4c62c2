import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

const tones = {
  calm: { icon: 'info', frame: 'border-line', ink: 'text-accent' },
  /** Stays for long: says it without shouting. */
  standing: { icon: 'alert', frame: 'border-line', ink: 'text-amber' },
  unusual: { icon: 'alert', frame: 'border-amber-line bg-amber-soft', ink: 'text-amber' },
  danger: { icon: 'stop', frame: 'border-danger-line bg-danger-soft', ink: 'text-danger' },
} as const satisfies Record<string, { icon: IconName; frame: string; ink: string }>;

interface Props {
  tone: keyof typeof tones;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** Something to know that is not a question: what is so, then what to do. */
export function Notice({ tone, title, children, actions }: Props) {
  const { icon, frame, ink } = tones[tone];
  return (
    <section className={`flex gap-3 rounded-xl border p-4 ${frame}`}>
      <Icon name={icon} className={`mt-0.5 ${ink}`} />
      <div className="min-w-0 flex-1">
        <h3 className={`font-semibold ${tone === 'calm' || tone === 'standing' ? '' : ink}`}>{title}</h3>
        {children !== undefined && <div className="mt-1 space-y-2 text-base text-ink">{children}</div>}
        {actions !== undefined && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </section>
  );
}
