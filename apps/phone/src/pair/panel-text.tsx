import { useEffect, useRef, type ReactNode } from 'react';
import { Icon } from '../parts/icon.tsx';

interface Props {
  title: string;
  tone?: 'calm' | 'unusual' | 'danger';
  busy?: boolean;
  children?: ReactNode;
}

const inks = { calm: '', unusual: 'text-amber', danger: 'text-danger' };

/** One step of a flow: heading (focused when it appears), words, buttons. */
export function PanelText({ title, tone = 'calm', busy = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [title]);
  return (
    <section aria-busy={busy} className="animate-rise space-y-4">
      <h2 ref={heading} tabIndex={-1} className={`flex items-start gap-2 text-large font-semibold ${inks[tone]}`}>
        {tone !== 'calm' && <Icon name={tone === 'danger' ? 'stop' : 'alert'} size={24} className="mt-0.5" />}
        {title}
      </h2>
      {busy && (
        <div aria-hidden="true" className="h-0.5 overflow-hidden rounded-full bg-line">
          <div className="h-full w-1/3 animate-pulse bg-accent" />
        </div>
      )}
      {children}
    </section>
  );
}
