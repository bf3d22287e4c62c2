import { Icon } from './icon.tsx';
import { Sheet } from './sheet.tsx';

const kinds = {
  verified: { icon: 'verified', look: 'text-accent', label: 'Verified by this device' },
  claimed: { icon: 'claimed', look: 'text-muted', label: 'Claimed by the computer' },
  unusual: { icon: 'alert', look: 'text-amber', label: 'Unusual' },
  danger: { icon: 'stop', look: 'text-danger', label: 'Danger' },
} as const;

export type MarkKind = keyof typeof kinds;

/** How sure this device is of the fact beside it; a tap explains. */
export function Mark({ kind, about, children }: { kind: MarkKind; about: string; children: string }) {
  const { icon, look, label } = kinds[kind];
  return (
    <Sheet
      title={label}
      trigger={
        <button
          type="button"
          aria-label={`${about}: ${label.toLowerCase()}. Explain`}
          className={`-my-3 inline-flex size-12 shrink-0 items-center justify-center rounded-full align-middle ${look}`}
        >
          <Icon name={icon} size={18} />
        </button>
      }
    >
      <p>{children}</p>
    </Sheet>
  );
}
