import { Link } from '@tanstack/react-router';
import type { HostKeyState, LoginView } from '../model/request-view.ts';
import { buttonClass } from '../parts/button.tsx';
import { formatDate } from '../parts/format.ts';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { useNow } from '../parts/use-now.ts';

export type ChangedKey = Extract<HostKeyState, { is: 'changed' }>;

/** Why a login to a server with another key cannot be approved, and where to look deeper. */
export function ChangedWarning({ login, hostKey }: { login: LoginView; hostKey: ChangedKey }) {
  const now = useNow();
  return (
    <section className="mx-4 mt-4 mb-2 rounded-xl border border-danger-line bg-danger-soft p-4 wide:mx-6">
      <h2 className="flex items-start gap-2 font-semibold text-danger">
        <Icon name="stop" className="mt-0.5" />
        This is not the server you approved before
      </h2>
      <p className="mt-2 mb-4">
        Its key has changed. Somebody may stand between {login.computer.name} and the server, so it cannot be approved
        here.
      </p>
      <dl className="space-y-3">
        <div>
          <dt className="text-small text-muted">
            Pinned {formatDate(hostKey.pinnedAt, now)} from {hostKey.pinnedBy.join(', ')}
          </dt>
          <dd>
            <Literal text={hostKey.pinnedFingerprint} className="text-small" />
          </dd>
        </div>
        <div>
          <dt className="text-small font-semibold text-danger">Shown now</dt>
          <dd>
            <Literal text={hostKey.fingerprint} className="text-small font-semibold" />
          </dd>
        </div>
      </dl>
      <Link to="/host-key/$hash" params={{ hash: login.hash }} className={`${buttonClass('danger', true)} mt-4`}>
        Look deeper
      </Link>
    </section>
  );
}
