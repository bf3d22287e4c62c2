import { cloneElement, useEffect, useId, useState, type MouseEvent, type ReactElement, type ReactNode } from 'react';

/** An element that can be pressed. */
type Pressable = ReactElement<{ onClick?: (event: MouseEvent<HTMLElement>) => void }>;

interface Props {
  title: string;
  /** Opens it. */
  trigger: Pressable;
  children: ReactNode;
  /** Buttons under the text; wrap the one that only leaves in `SheetClose`. Null: the content has its own. */
  actions?: ReactNode;
}

/**
 * A panel from the lower edge on a phone, in the middle of a wide screen; Escape and a tap beside it close it. The
 * browser's own modal dialog: it keeps the focus, makes the page behind it inert, and needs no style of its own at run
 * time, which the content security policy would refuse.
 */
export function Sheet({ title, trigger, children, actions }: Props) {
  const [dialog, setDialog] = useState<HTMLDialogElement | null>(null);
  const [open, setOpen] = useState(false);
  const titleId = useId();
  useEffect(() => {
    if (open) dialog?.showModal();
  }, [open, dialog]);
  return (
    <>
      {cloneElement(trigger, { onClick: () => setOpen(true) })}
      <dialog
        ref={setDialog}
        aria-labelledby={titleId}
        onClose={() => setOpen(false)}
        onClick={(event) => {
          // The backdrop belongs to the dialog; what is in it lies in the box below.
          if (event.target === dialog) dialog.close();
        }}
        className="fixed inset-x-0 top-auto bottom-0 m-0 w-full max-w-none animate-rise rounded-t-2xl bg-paper p-0 text-left font-normal whitespace-normal text-ink backdrop:bg-shade wide:inset-0 wide:m-auto wide:h-fit wide:max-w-md wide:rounded-2xl"
      >
        {open && (
          <div className="max-h-[85dvh] overflow-y-auto px-4 pt-6 pb-[calc(1.5rem+env(safe-area-inset-bottom))] wide:px-6">
            <h2 id={titleId} className="text-large font-semibold">
              {title}
            </h2>
            <div className="mt-2 space-y-4 text-base text-muted">{children}</div>
            {actions !== null && (
              <div className="mt-6 flex flex-col gap-2">
                {actions ?? (
                  <SheetClose>
                    <button type="button" className="min-h-12 rounded-xl border border-line-strong font-medium">
                      Close
                    </button>
                  </SheetClose>
                )}
              </div>
            )}
          </div>
        )}
      </dialog>
    </>
  );
}

/** Closes the sheet it stands in when its child is pressed. */
export function SheetClose({ children }: { children: Pressable }) {
  return cloneElement(children, {
    onClick: (event) => {
      children.props.onClick?.(event);
      event.currentTarget.closest('dialog')?.close();
    },
  });
}
