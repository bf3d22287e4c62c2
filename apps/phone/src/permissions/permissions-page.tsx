import { useSearch } from '@tanstack/react-router';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page, Section } from '../parts/page.tsx';
import { PermissionRows } from './permission-rows.tsx';
import { SharingNote } from './sharing-note.tsx';

/** Everything that is allowed right now, by computer. */
export function PermissionsPage() {
  const { permissions } = useModel();
  const phone = usePhone();
  const { computer } = useSearch({ from: '/permissions' });
  const shown = permissions.filter((permission) => computer === undefined || permission.computer.id === computer);
  const names = [...new Map(shown.map(({ computer: { id, name } }) => [id, name]))];
  return (
    <Page title="Allowed right now" back={{ to: '/', label: 'Inbox' }}>
      <SharingNote />
      {shown.length === 0 && (
        <EmptyState title="Nothing is allowed" picture={<Icon name="verified" size={48} className="text-accent" />}>
          Every request asks. When the same one comes again and again, choose under “Approve once” for how long it need
          not ask. It then stands here, with its end and a stop.
        </EmptyState>
      )}
      {names.map(([id, name]) => (
        <Section key={id} title={name}>
          <PermissionRows permissions={shown.filter((permission) => permission.computer.id === id)} details />
        </Section>
      ))}
      {shown.length > 0 && (
        <>
          <p className="text-muted">
            What is covered is signed without asking, and stands in the history. A stop acts at once, and another phone
            hears of it from the relay. All of them end by themselves, after 12 hours at most.
          </p>
          {permissions.length > 1 && (
            <Button look="danger" wide onClick={() => void phone.revokeAllPermissions()}>
              Stop all {permissions.length}
            </Button>
          )}
        </>
      )}
    </Page>
  );
}
