import { useEffect, useRef, type ReactNode, type Ref } from 'react';
import type { GitView, RequestView } from '../model/request-view.ts';
import { TimeLine } from '../parts/countdown.tsx';
import { later, useIsHere } from '../parts/later.ts';
import { FileBody } from './file-body.tsx';
import { LoginBody } from './login-body.tsx';
import { SignedFields } from './signed-fields.tsx';
import { SlipHead } from './slip-head.tsx';

/** What each kind of request draws between its head and the list of signed fields. */
export interface BodyProps<Kind extends RequestView> {
  readonly request: Kind;
  readonly over: boolean;
  /** The title takes the focus when the request is new. */
  readonly heading: Ref<HTMLHeadingElement>;
  /** Has the computer go on with another key; null where it cannot or it is over. */
  readonly onPass: (() => void) | null;
}

/** The body of commits and tags; fetched after the first paint, ahead of the first one. */
export const gitBody = later<BodyProps<GitView>>(
  () => import('./git-body.tsx').then((module) => module.GitBody),
  <p className="px-4 py-8 text-muted wide:px-6">Opening the text…</p>,
);

interface Props {
  request: RequestView;
  behind: number;
  /** Ended: shown for the record, without time or answers. */
  over?: boolean;
  onPass?: (() => void) | null;
  /** The body is on the screen; until then nothing may be approved. */
  onShown?: () => void;
  /** Stands between the head and the title. */
  children?: ReactNode;
}

function Body({ request, ...rest }: BodyProps<RequestView>) {
  switch (request.kind) {
    case 'login':
      return <LoginBody request={request} {...rest} />;
    case 'git':
      return <gitBody.Part request={request} {...rest} />;
    case 'file':
      return <FileBody request={request} {...rest} />;
  }
}

/** The slip of paper: who asks, what for, where to, always in the same places. Takes focus when it is new. */
export function Slip({ request, behind, over = false, onPass = null, onShown, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const gitIsHere = useIsHere(gitBody);
  const shown = request.kind !== 'git' || gitIsHere;
  useEffect(() => {
    if (!shown) return;
    heading.current?.focus({ preventScroll: true });
    onShown?.();
  }, [shown, request.hash, onShown]);
  return (
    <article
      aria-label="Request"
      className={`animate-rise overflow-hidden rounded-2xl border border-line bg-paper shadow-slip ${over ? 'border-dashed' : ''}`}
    >
      {over ? <div className="h-1" /> : <TimeLine startedAt={request.receivedAt} endsAt={request.endsAt} />}
      <SlipHead request={request} behind={behind} over={over} />
      {children}
      <Body request={request} over={over} heading={heading} onPass={request.canPass && !over ? onPass : null} />
      <SignedFields request={request} />
    </article>
  );
}
