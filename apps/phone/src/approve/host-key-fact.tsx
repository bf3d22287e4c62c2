import type { HostKeyState, KnownKey, LoginView } from '../model/request-view.ts';
import { Fact } from '../parts/fact.tsx';
import { formatDate } from '../parts/format.ts';
import { Literal } from '../parts/literal.tsx';
import { Mark } from '../parts/mark.tsx';
import { useNow } from '../parts/use-now.ts';
import { hostText } from './words.ts';

function Print({ text }: { text: string }) {
  return <Literal text={text} className="block text-small text-muted" />;
}

/** What this key is pinned as already: the one thing here that the computer that asks cannot choose. */
function Known({ hostKey: { knownAs } }: { hostKey: KnownKey }) {
  return knownAs.map((host) => (
    <span key={hostText(host)} className="block text-small font-semibold text-amber">
      You know this key as <Literal text={hostText(host) ?? ''} /> from {host.by.join(', ')}
    </span>
  ));
}

function State({ hostKey, now }: { hostKey: HostKeyState; now: number }) {
  switch (hostKey.is) {
    case 'pinned':
      return <span className="font-medium text-accent">Pinned {formatDate(hostKey.pinnedAt, now)}</span>;
    case 'new':
      return (
        <>
          <span className="font-semibold text-amber">New</span>
          <Print text={hostKey.fingerprint} />
          <Known hostKey={hostKey} />
          {hostKey.otherTypes.length > 0 && (
            <span className="block text-small font-semibold text-amber">
              You pinned another kind of key for this name ({hostKey.otherTypes.join(', ')})
            </span>
          )}
        </>
      );
    case 'changed':
      return (
        <>
          <span className="font-semibold text-danger">Changed</span>
          <Print text={hostKey.fingerprint} />
        </>
      );
    case 'unnamed':
      return (
        <>
          <span className="font-semibold text-amber">No name given</span>
          <Print text={hostKey.fingerprint} />
          <Known hostKey={hostKey} />
        </>
      );
    case 'unbound':
      return <span className="font-semibold text-amber">No server shown</span>;
  }
}

function HostKeyMark({ hostKey, computer }: { hostKey: HostKeyState; computer: string }) {
  switch (hostKey.is) {
    case 'pinned':
      return (
        <Mark kind="verified" about="Host key">
          The server proved that it holds the same key as when you approved it before.
        </Mark>
      );
    case 'new':
      return (
        <Mark kind="unusual" about="Host key">
          {`The server proved that it holds this key, but you have never approved a login from ${computer} to this name with it. The name is what ${computer} says. Compare the fingerprint with what the server's owner gives you; if you approve, it is pinned.`}
        </Mark>
      );
    case 'changed':
      return (
        <Mark kind="danger" about="Host key">
          The server holds another key than the one you approved before. That is how an attack looks.
        </Mark>
      );
    case 'unnamed':
      return (
        <Mark kind="unusual" about="Host key">
          {`A server proved that it holds this key, but ${computer} did not say what it is called, so it cannot be compared with a pin.`}
        </Mark>
      );
    case 'unbound':
      return (
        <Mark kind="unusual" about="Host key">
          {`The program did not prove which server it talks to. Old versions of ssh cannot (before 8.9), and some other programs do not. The name, if there is one, is only what ${computer} says.`}
        </Mark>
      );
  }
}

/** Is this the server that it was: verified, new, changed, or unknowable. */
export function HostKeyFact({ login }: { login: LoginView }) {
  const now = useNow();
  return (
    <Fact label="Host key" mark={<HostKeyMark hostKey={login.hostKey} computer={login.computer.name} />}>
      <State hostKey={login.hostKey} now={now} />
    </Fact>
  );
}
