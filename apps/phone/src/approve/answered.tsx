import type { RequestView } from '../model/request-view.ts';
import { minutesWords } from '../permissions/permission-words.ts';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import type { Desk } from './desk.ts';
import { namelessSubject, requestSubject } from './words.ts';

const words = {
  approve: { title: 'Approved', begun: 'Approving…', icon: 'check', ink: 'bg-accent text-on-accent' },
  reject: { title: 'Rejected', begun: 'Rejecting…', icon: 'close', ink: 'bg-sunken text-ink' },
  pass: { title: 'Passed on', begun: 'Passing on…', icon: 'forward', ink: 'bg-sunken text-ink' },
} as const;

function About({ request }: { request: RequestView }) {
  const subject = requestSubject(request);
  return (
    <>
      {request.kind === 'login' && (
        <>
          <Literal text={request.user} /> on{' '}
        </>
      )}
      {subject === null ? namelessSubject(request) : <Literal text={subject} />}
    </>
  );
}

/** The beat after an answer: says what was done, once it is, and offers nothing to press. */
export function Answered({ request, decision, permission, counts }: Extract<Desk, { is: 'answered' }>) {
  const { title, begun, icon, ink } = words[decision];
  return (
    <div role="status" className="flex grow animate-appear flex-col items-center justify-center px-4 py-16 text-center">
      <span className={`flex size-16 items-center justify-center rounded-full ${counts ? ink : ''}`}>
        {counts && <Icon name={icon} size={32} />}
      </span>
      <h1 className="mt-4 text-huge font-semibold tracking-tight">{counts ? title : begun}</h1>
      <p className="mt-1 text-muted">
        <About request={request} />
      </p>
      {counts && permission !== null && (
        <p className="mt-1 font-medium">Allowed for {minutesWords(permission.minutes)}</p>
      )}
    </div>
  );
}
