import type { Ref } from 'react';
import type { LoginView } from '../model/model.ts';
import { Literal } from '../parts/literal.tsx';
import { hostText } from './words.ts';

/** What for and where to: the largest thing on the screen. Very long names step down one size. */
export function SlipTitle({ login, ref }: { login: LoginView; ref: Ref<HTMLHeadingElement> }) {
  const host = hostText(login.host);
  const size = (host?.length ?? 0) > 48 ? 'text-large' : 'text-huge';
  return (
    <div className="px-4 pt-4 pb-5 wide:px-6">
      <h1 ref={ref} tabIndex={-1}>
        <span className="block text-muted">Log in to</span>
        {host === null ? (
          <span className="block text-huge font-semibold tracking-tight">a server without a name</span>
        ) : (
          <Literal text={host} className={`block ${size} font-semibold tracking-tight`} />
        )}
        <span className="mt-1 block">
          <span className="text-muted">as </span>
          <Literal text={login.user} className="text-large font-semibold" />
        </span>
      </h1>
    </div>
  );
}
