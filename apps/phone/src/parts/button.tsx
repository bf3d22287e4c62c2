import type { ComponentProps } from 'react';
import { Icon, type IconName } from './icon.tsx';

export type ButtonLook = 'primary' | 'secondary' | 'quiet' | 'danger';

const looks: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong font-semibold',
  secondary: 'border border-line-strong text-ink hover:bg-sunken font-medium',
  quiet: 'text-accent hover:bg-accent-soft font-medium',
  danger: 'border border-danger-line text-danger hover:bg-danger-soft font-medium',
};

/** The classes of a button, for links that look like one. */
export function buttonClass(look: ButtonLook, wide = false): string {
  return `inline-flex min-h-12 items-center justify-center gap-2 rounded-xl px-4 py-2 text-center text-base transition-colors duration-150 aria-disabled:opacity-60 disabled:opacity-60 ${wide ? 'w-full' : ''} ${looks[look]}`;
}

type ButtonProps = ComponentProps<'button'> & { look?: ButtonLook; wide?: boolean; icon?: IconName };

/** A plain button, 48 px high. */
export function Button({ look = 'secondary', wide = false, icon, className = '', children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={`${buttonClass(look, wide)} ${className}`} {...rest}>
      {icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}
