import * as Dialog from '@radix-ui/react-dialog';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  trigger: ReactNode;
  children: ReactNode;
  /** Buttons under the text; wrap the one that only leaves in `SheetClose`. */
  actions?: ReactNode;
}

/** A panel from the lower edge on a phone, in the middle of a wide screen; Escape and a tap beside it close it. */
export function Sheet({ title, trigger, children, actions }: Props) {
  return (
    <Dialog.Root>
      <Dialog.Trigger asChild>{trigger}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 animate-appear bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-0 bottom-0 z-40 max-h-[85dvh] animate-rise overflow-y-auto rounded-t-2xl bg-paper px-4 pt-6 pb-[calc(1.5rem+env(safe-area-inset-bottom))] wide:inset-x-auto wide:top-1/2 wide:bottom-auto wide:left-1/2 wide:w-full wide:max-w-md wide:-translate-x-1/2 wide:-translate-y-1/2 wide:rounded-2xl wide:px-6"
        >
          <Dialog.Title className="text-large font-semibold">{title}</Dialog.Title>
          <div className="mt-2 space-y-4 text-base text-muted">{children}</div>
          <div className="mt-6 flex flex-col gap-2">
            {actions}
            {actions === undefined && (
              <Dialog.Close className="min-h-12 rounded-xl border border-line-strong font-medium">Close</Dialog.Close>
            )}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Closes the sheet it stands in when its child is pressed. */
export function SheetClose({ children }: { children: ReactNode }) {
  return <Dialog.Close asChild>{children}</Dialog.Close>;
}
