import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useModel, usePhone } from '../model/use-model.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { ChangedKeys } from './changed-warning.tsx';
import { hostText } from './words.ts';

/** The deeper page of a changed host key: what it can mean, and the one place where a pin is taken away. */
export function HostKeyPage() {
  const { hash } = useParams({ from: '/host-key/$hash' });
  const { waiting } = useModel();
  // Kept from when the page was opened: comparing two fingerprints may take longer than the request lives.
  const [login] = useState(() => waiting.find((candidate) => candidate.hash === hash));
  const [compared, setCompared] = useState(false);
  const [failed, setFailed] = useState(false);
  const phone = usePhone();
  const navigate = useNavigate();
  if (login?.hostKey.is !== 'changed' || login.host === null) {
    return (
      <Page title="Host key" back={{ to: '/', label: 'Inbox' }}>
        <p>This request is no longer waiting. Its fingerprints are in the history.</p>
      </Page>
    );
  }
  const { host } = login;
  const forget = () => {
    phone
      .decide(login.hash, 'reject')
      .then(() => phone.forgetPin(host))
      .then(
        () => navigate({ to: '/' }),
        () => setFailed(true),
      );
  };
  return (
    <Page title="The host key changed" back={{ to: '/', label: 'Inbox' }}>
      <Section title="Server">
        <Literal text={hostText(host) ?? ''} className="text-large font-semibold" />
        <div className="mt-4">
          <ChangedKeys hostKey={login.hostKey} />
        </div>
      </Section>
      <Section title="What it can mean">
        <ul className="list-disc space-y-2 pl-5">
          <li>The server was set up again, or its keys were replaced on purpose.</li>
          <li>The name now leads to another machine.</li>
          <li>Somebody stands between your computer and the server and would read everything you type.</li>
        </ul>
      </Section>
      <Section title="What to do">
        <p>
          Ask whoever runs the server for the new fingerprint, not over this connection: by phone, in person, or on a
          page you trust. On the server itself,{' '}
          <Literal text="ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" className="text-small" /> prints it. If it
          differs from the one shown now, stop.
        </p>
      </Section>
      <section className="space-y-4 border-t border-line pt-6">
        <label className="flex min-h-12 items-start gap-3">
          <input
            type="checkbox"
            className="mt-1 size-5 accent-(--danger)"
            checked={compared}
            onChange={(event) => setCompared(event.target.checked)}
          />
          <span>I have compared the new fingerprint with its owner, and it is the same.</span>
        </label>
        <HoldButton
          look="danger"
          armed={compared}
          onHeld={forget}
          label="Hold to forget the pinned key"
          reason="Rejects this request too"
        />
        <p className="text-small text-muted">
          After that the next login to this name is shown as new, and you decide again.
        </p>
        {failed && (
          <Notice tone="danger" title="The pin could not be removed">
            Reload the page and try again.
          </Notice>
        )}
      </section>
    </Page>
  );
}
