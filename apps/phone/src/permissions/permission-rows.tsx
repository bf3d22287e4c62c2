import { useState } from 'react';
import type { PermissionView } from '../model/model.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { formatAgo, formatTime } from '../parts/format.ts';
import { Literal } from '../parts/literal.tsx';
import { Rows } from '../parts/row.tsx';
import { useNow } from '../parts/use-now.ts';
import { leftWords, permissionTitle, usesWords } from './permission-words.ts';

/** What it covers, under its title. */
function Scope({ permission: { scope, computer, keyName, phone } }: { permission: PermissionView }) {
  return (
    <>
      {computer.name}
      {phone !== null && ` · on ${phone}`}
      {scope.is === 'server' && (
        <>
          {' · as '}
          <Literal text={scope.user} />
        </>
      )}
      {scope.is === 'server' && scope.through !== null && (
        <>
          {' · through '}
          <Literal text={scope.through} />
        </>
      )}
      {` · ${keyName === null ? 'every key' : `key ${keyName}`}`}
    </>
  );
}

function Row({ permission, details, now }: { permission: PermissionView; details: boolean; now: number }) {
  const phone = usePhone();
  const [stopping, setStopping] = useState(false);
  const title = permissionTitle(permission);
  const stop = () => {
    setStopping(true);
    phone.revokePermission(permission.id).catch(() => setStopping(false));
  };
  return (
    <li className="flex items-start gap-3 py-3">
      <div className="min-w-0 flex-1">
        {permission.scope.is === 'server' ? (
          <Literal text={title} className="block font-medium" />
        ) : (
          <p className="font-medium">{title}</p>
        )}
        <p className="text-small text-muted">
          <Scope permission={permission} />
        </p>
        <p className="text-small font-medium text-accent tabular-nums">
          Until {formatTime(permission.endsAt)} · {leftWords(permission.endsAt - now)} left
        </p>
        {permission.ending && (
          <p className="text-small text-muted">Stopping. {permission.phone} hears of it when the relay is reached.</p>
        )}
        {details && permission.uses !== null && (
          <p className="text-small text-muted">
            {usesWords(permission)}
            {permission.lastUsedAt !== null && ` · last ${formatAgo(permission.lastUsedAt, now)}`}
            {` · given at ${formatTime(permission.createdAt)}`}
          </p>
        )}
      </div>
      <Button
        aria-label={`Stop: ${title}, ${permission.computer.name}${permission.phone === null ? '' : `, on ${permission.phone}`}`}
        disabled={stopping || permission.ending}
        className="shrink-0"
        onClick={stop}
      >
        Stop
      </Button>
    </li>
  );
}

/** What is allowed, each with its end and a stop. A stop acts at once; nothing asks again. */
export function PermissionRows({
  permissions,
  details = false,
}: {
  permissions: readonly PermissionView[];
  details?: boolean;
}) {
  const now = useNow();
  return (
    <Rows>
      {permissions.map((permission) => (
        <Row key={permission.id} permission={permission} details={details} now={now} />
      ))}
    </Rows>
  );
}
