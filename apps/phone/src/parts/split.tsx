import type { ReactNode } from 'react';

interface Props {
  list: ReactNode;
  detail: ReactNode;
  /** Which of the two a narrow screen shows. */
  narrow: 'list' | 'detail' | 'both';
  /** Which comes first where both are read one after the other, by the keyboard too. */
  first?: 'list' | 'detail';
}

/** List and detail: one after the other on a phone, side by side (beside the places) on a wide screen. */
export function Split({ list, detail, narrow, first = 'list' }: Props) {
  const parts = [
    <div
      key="list"
      className={`${narrow === 'detail' ? 'hidden' : ''} wide:order-first wide:block wide:overflow-y-auto wide:border-r wide:border-line`}
    >
      {list}
    </div>,
    <div key="detail" className={`${narrow === 'list' ? 'hidden' : ''} wide:block wide:overflow-y-auto`}>
      {detail}
    </div>,
  ];
  return (
    <div className="flex flex-col wide:grid wide:h-dvh wide:grid-cols-[minmax(20rem,26rem)_minmax(0,1fr)]">
      {first === 'list' ? parts : parts.toReversed()}
    </div>
  );
}

/** What the right column says while nothing is chosen. */
export function NothingChosen({ children }: { children: string }) {
  return <p className="flex h-full items-center justify-center px-8 text-muted">{children}</p>;
}
