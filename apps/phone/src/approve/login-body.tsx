import type { Ref } from 'react';
import type { LoginView } from '../model/request-view.ts';
import { Fact, Facts } from '../parts/fact.tsx';
import { Literal } from '../parts/literal.tsx';
import { Mark } from '../parts/mark.tsx';
import { CertificateFact } from './certificate-fact.tsx';
import { ChangedWarning } from './changed-warning.tsx';
import { DirectoryFact } from './directory-fact.tsx';
import { HostKeyFact } from './host-key-fact.tsx';
import { KeyFact } from './key-fact.tsx';
import { SlipTitle } from './slip-title.tsx';
import type { BodyProps } from './slip.tsx';
import { hostText } from './words.ts';

/** Where to: the largest thing on the screen. Very long names step down one size. */
function LoginTitle({ login, ref }: { login: LoginView; ref: Ref<HTMLHeadingElement> }) {
  const host = hostText(login.host);
  const size = (host?.length ?? 0) > 48 ? 'text-large' : 'text-huge';
  return (
    <SlipTitle ref={ref} verb="Log in to">
      {host === null ? (
        <span className="block text-huge font-semibold tracking-tight">a server without a name</span>
      ) : (
        <Literal text={host} className={`block ${size} font-semibold tracking-tight`} />
      )}
      <span className="mt-1 block">
        <span className="text-muted">as </span>
        <Literal text={login.user} className="text-large font-semibold" />
      </span>
    </SlipTitle>
  );
}

function Hop({ name, fingerprint }: LoginView['hops'][number]) {
  if (name !== null) return <Literal text={name} className="font-medium" />;
  return (
    <>
      server <Literal text={fingerprint} className="text-small" />
    </>
  );
}

/** `laptop → bastion → prod-3`; a server whose key has no name here shows the key. */
function Via({ login }: { login: LoginView }) {
  if (login.hops.length === 0) return <span className="text-muted">—</span>;
  return (
    <ol className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
      <li>{login.computer.name}</li>
      {login.hops.map((hop, index) => (
        <li key={index} className="min-w-0">
          <span className="text-muted">→ </span>
          <Hop {...hop} />
        </li>
      ))}
      <li className="min-w-0">
        <span className="text-muted">→ </span>
        {login.host === null ? 'the last server' : <Literal text={hostText(login.host) ?? ''} />}
      </li>
    </ol>
  );
}

/** A login's facts: host key, key and via always in this order, then what only some logins have. */
export function LoginBody({ request: login, over, heading, onPass }: BodyProps<LoginView>) {
  const { hostKey, certificate } = login;
  return (
    <>
      <LoginTitle login={login} ref={heading} />
      {hostKey.is === 'changed' && !over && <ChangedWarning login={login} hostKey={hostKey} />}
      <div className="px-4 wide:px-6">
        <Facts>
          <HostKeyFact login={login} />
          <KeyFact request={login} onPass={onPass} />
          <Fact
            label="Via"
            {...(login.hops.length > 0 && {
              mark: (
                <Mark kind="unusual" about="Via">
                  The agent was forwarded: the login starts on another server than your computer. Whoever controls that
                  server can ask too. Each hop proved its key; a name stands where you pinned that key before.
                </Mark>
              ),
            })}
          >
            <Via login={login} />
          </Fact>
          {certificate !== null && <CertificateFact certificate={certificate} />}
          <DirectoryFact request={login} />
        </Facts>
      </div>
    </>
  );
}
