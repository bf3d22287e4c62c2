import type { LoginView } from '../model/model.ts';
import { Fact, Facts } from '../parts/fact.tsx';
import { Literal } from '../parts/literal.tsx';
import { Mark } from '../parts/mark.tsx';
import { HostKeyFact } from './host-key-fact.tsx';
import { hostText } from './words.ts';

function Via({ login }: { login: LoginView }) {
  if (login.hops.length === 0) return <span className="text-muted">—</span>;
  return (
    <ol className="space-y-1">
      <li>{login.computer.name}</li>
      {login.hops.map((hop) => (
        <li key={hop}>
          <span className="text-muted">→ server </span>
          <Literal text={hop} className="text-small" />
        </li>
      ))}
      <li>
        <span className="text-muted">→ </span>
        {hostText(login.host) ?? 'the last server'}
      </li>
    </ol>
  );
}

/** The three facts below the title, always in this order. */
export function SlipFacts({ login }: { login: LoginView }) {
  const forwarded = login.hops.length > 0;
  return (
    <div className="px-4 wide:px-6">
      <Facts>
        <HostKeyFact login={login} />
        <Fact label="Key">
          <span className="font-medium">{login.key.name}</span>{' '}
          <span className="text-muted">({login.key.type.replace(/^ssh-/, '')})</span>
        </Fact>
        <Fact
          label="Via"
          {...(forwarded && {
            mark: (
              <Mark kind="unusual" about="Via">
                The agent was forwarded: the login starts on another server than your computer. Whoever controls that
                server can ask too. Each hop proved the key shown here.
              </Mark>
            ),
          })}
        >
          <Via login={login} />
        </Fact>
      </Facts>
    </div>
  );
}
