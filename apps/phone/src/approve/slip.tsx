import { lazy, Suspense, useEffect, useRef, type ReactNode, type Ref } from 'react';
import type { RequestView } from '../model/model.ts';
import { TimeLine } from '../parts/countdown.tsx';
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

const loadGit = () => import('./git-body.tsx');
const GitBody = lazy(() => loadGit().then((module) => ({ default: module.GitBody })));

/** Fetches the page of commits ahead of the first one. */
export function preloadGit(): void {
  void loadGit();
}

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

function Shown({ onShown }: { onShown: (() => void) | undefined }) {
  useEffect(() => onShown?.(), [onShown]);
  return null;
}

function Body(props: Omit<BodyProps<RequestView>, 'request'> & { request: RequestView }) {
  const { request, ...rest } = props;
  switch (request.kind) {
    case 'login':
      return <LoginBody request={request} {...rest} />;
    case 'git':
      return <GitBody request={request} {...rest} />;
    case 'file':
      return <FileBody request={request} {...rest} />;
  }
}

/** The slip of paper: who asks, what for, where to, always in the same places. Takes focus when it is new. */
export function Slip({ request, behind, over = false, onPass = null, onShown, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <article
      aria-label="Request"
      className={`animate-rise overflow-hidden rounded-2xl border border-line bg-paper shadow-slip ${over ? 'border-dashed' : ''}`}
    >
      {over ? <div className="h-1" /> : <TimeLine startedAt={request.receivedAt} endsAt={request.endsAt} />}
      <SlipHead request={request} behind={behind} over={over} />
      {children}
      <Suspense fallback={<p className="px-4 py-8 text-muted wide:px-6">Opening the text…</p>}>
        <Body request={request} over={over} heading={heading} onPass={request.canPass && !over ? onPass : null} />
        <Focused heading={heading} hash={request.hash} />
        <Shown onShown={onShown} />
      </Suspense>
      <SignedFields request={request} />
    </article>
  );
}

/** Stands after the body, so that its effect runs once the title is there. */
function Focused({ heading, hash }: { heading: { readonly current: HTMLElement | null }; hash: string }) {
  useEffect(() => heading.current?.focus({ preventScroll: true }), [heading, hash]);
  return null;
}
