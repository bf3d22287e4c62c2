import type { LoginView } from '../model/model.ts';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import type { Decision } from './desk.ts';
import { hostText } from './words.ts';

/** The beat after an answer: says what was done and offers nothing to press. */
export function Answered({ login, decision }: { login: LoginView; decision: Decision }) {
  const approved = decision === 'approve';
  return (
    <div className="flex grow animate-appear flex-col items-center justify-center px-4 py-16 text-center">
      <span
        className={`flex size-16 items-center justify-center rounded-full ${approved ? 'bg-accent text-on-accent' : 'bg-sunken text-ink'}`}
      >
        <Icon name={approved ? 'check' : 'close'} size={32} />
      </span>
      <h1 className="mt-4 text-huge font-semibold tracking-tight">{approved ? 'Approved' : 'Rejected'}</h1>
      <p className="mt-1 text-muted">
        <Literal text={login.user} /> on <Literal text={hostText(login.host) ?? 'a server without a name'} />
      </p>
    </div>
  );
}
