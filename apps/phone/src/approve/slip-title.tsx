import type { ReactNode, Ref } from 'react';

/** What for, then what exactly: the heading of every request. */
export function SlipTitle({
  verb,
  ref,
  children,
}: {
  verb: string;
  ref: Ref<HTMLHeadingElement>;
  children: ReactNode;
}) {
  return (
    <div className="px-4 pt-4 pb-5 wide:px-6">
      <h1 ref={ref} tabIndex={-1}>
        <span className="block text-muted">{verb}</span>
        {children}
      </h1>
    </div>
  );
}
