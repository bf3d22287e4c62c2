import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { LoginView } from '../model/request-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { TextField } from '../parts/text-field.tsx';
import { compareAdminPrint, type AdminPrint } from './admin-print.ts';
import type { ChangedKey } from './changed-warning.tsx';
import { CompareKeys } from './compare-keys.tsx';
import { hostText } from './words.ts';

const verdicts: Record<
  Exclude<AdminPrint, 'empty'>,
  { tone: 'calm' | 'unusual' | 'danger'; title: string; text: string }
> = {
  same: { tone: 'calm', title: 'It is the same', text: 'The server’s key was changed by its owner.' },
  old: {
    tone: 'danger',
    title: 'It is the old one',
    text: 'The server has not changed its key: what answers now is something else. Do not log in.',
  },
  other: {
    tone: 'danger',
    title: 'It is another one',
    text: 'What answers now is not what you were told. Do not log in, and tell the owner.',
  },
  none: {
    tone: 'unusual',
    title: 'No fingerprint in it',
    text: 'It begins with SHA256: and has 43 letters after that.',
  },
};

/** Compares what the owner gave with what was shown, so that eyes need not. */
function AdminField({ hostKey, onVerdict }: { hostKey: ChangedKey; onVerdict: (verdict: AdminPrint) => void }) {
  const [text, setText] = useState('');
  const verdict = compareAdminPrint(text, hostKey.fingerprint, hostKey.pinnedFingerprint);
  return (
    <div className="space-y-3">
      <TextField
        label="What the owner gave you"
        placeholder="SHA256:…"
        hint="Paste it here and it is compared for you, or compare it by eye above."
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          onVerdict(compareAdminPrint(event.target.value, hostKey.fingerprint, hostKey.pinnedFingerprint));
        }}
      />
      <div role="status">
        {verdict !== 'empty' && (
          <Notice tone={verdicts[verdict].tone} title={verdicts[verdict].title}>
            <p>{verdicts[verdict].text}</p>
          </Notice>
        )}
      </div>
    </div>
  );
}

function Changed({ login, hostKey }: { login: LoginView; hostKey: ChangedKey }) {
  const [byEye, setByEye] = useState(false);
  const [verdict, setVerdict] = useState<AdminPrint>('empty');
  const [failed, setFailed] = useState(false);
  const phone = usePhone();
  const navigate = useNavigate();
  const { host } = login;
  const compared = verdict === 'same' || (byEye && verdict !== 'old' && verdict !== 'other');
  const forget = () => {
    phone
      .decide(login.hash, 'reject')
      .then(() => (host === null ? undefined : phone.forgetPin(host)))
      .then(
        () => navigate({ to: '/' }),
        () => setFailed(true),
      );
  };
  return (
    <Page title="The host key changed" back={{ to: '/', label: 'Inbox' }}>
      <Section title="Server">
        <Literal text={hostText(host) ?? ''} className="text-large font-semibold" />
      </Section>
      <Section title="The two keys">
        <CompareKeys hostKey={hostKey} />
      </Section>
      <Section title="What it can mean">
        <ol className="space-y-3">
          <li>
            <span className="font-semibold">Somebody changed it on purpose.</span> The server was set up again, its keys
            were replaced, or the name now leads to another machine.
          </li>
          <li>
            <span className="font-semibold text-danger">Somebody stands in between.</span> What answers is not your
            server, and would read everything you type.
          </li>
        </ol>
        <p className="mt-3">From here the two look the same. Only the server’s owner can tell them apart.</p>
      </Section>
      <Section title="What to do">
        <p>
          Ask whoever runs the server for its fingerprint, not over this connection: by phone, in person, or on a page
          you trust. On the server itself this prints it:
        </p>
        <p className="my-3 rounded-xl bg-sunken p-3">
          <Literal text="ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" className="text-small" />
        </p>
        <AdminField hostKey={hostKey} onVerdict={setVerdict} />
      </Section>
      <section className="space-y-4 border-t border-line pt-6">
        <label className="flex min-h-12 items-start gap-3">
          <input
            type="checkbox"
            className="mt-1 size-5 accent-(--danger)"
            checked={byEye}
            onChange={(event) => setByEye(event.target.checked)}
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

/** The deeper page of a changed host key: what it can mean, and the one place where a pin is taken away. */
export function HostKeyPage() {
  const { hash } = useParams({ from: '/host-key/$hash' });
  const { waiting } = useModel();
  // Kept from when the page was opened: comparing two fingerprints may take longer than the request lives.
  const [login] = useState(() => waiting.find((candidate) => candidate.hash === hash));
  if (login?.kind !== 'login' || login.hostKey.is !== 'changed' || login.host === null) {
    return (
      <Page title="Host key" back={{ to: '/', label: 'Inbox' }}>
        <p>This request is no longer waiting. Its fingerprints are in the history.</p>
      </Page>
    );
  }
  return <Changed login={login} hostKey={login.hostKey} />;
}
