import { Link } from '@tanstack/react-router';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Section } from '../parts/page.tsx';
import { PermissionRows } from '../permissions/permission-rows.tsx';
import { SharingNote } from '../permissions/sharing-note.tsx';

const shownAtMost = 4;

/** What needs not ask right now. */
export function AllowedSection() {
  const { permissions } = useModel();
  const phone = usePhone();
  if (permissions.length === 0) return null;
  return (
    <Section title={`Allowed right now · ${permissions.length}`}>
      <SharingNote />
      <PermissionRows permissions={permissions.slice(0, shownAtMost)} />
      <div className="mt-1 -ml-4 flex flex-wrap">
        <Link to="/permissions" className={buttonClass('quiet')}>
          {permissions.length > shownAtMost ? `All ${permissions.length}` : 'Details'}
        </Link>
        {permissions.length > 1 && (
          <Button look="quiet" onClick={() => void phone.revokeAllPermissions()}>
            Stop all
          </Button>
        )}
      </div>
    </Section>
  );
}
