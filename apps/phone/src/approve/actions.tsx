import type { PermissionGrant } from '../model/model.ts';
import type { RequestView } from '../model/request-view.ts';
import type { GrantProps } from '../permissions/grant-form.tsx';
import { scopeNames } from '../permissions/permission-words.ts';
import { buttonClass } from '../parts/button.tsx';
import { GuardedButton } from '../parts/guarded-button.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { later } from '../parts/later.ts';
import { Sheet } from '../parts/sheet.tsx';
import type { Decision } from './desk.ts';
import { isWhole, unusualLine } from './words.ts';

/** The sheet of permissions; fetched after the first paint, ahead of the first press. */
export const grantForm = later<GrantProps>(
  () => import('../permissions/grant-form.tsx').then((module) => module.GrantForm),
  <p>Opening…</p>,
);

interface Props {
  request: RequestView;
  armed: boolean;
  onAnswer: (decision: Decision, permission?: PermissionGrant) => void;
}

/** Can this request be approved from its own screen at all. */
function approvable(request: RequestView): boolean {
  return request.key.here && !(request.kind === 'login' && request.hostKey.is === 'changed');
}

/** A yes: tapped where it is routine, held where something is unusual. */
export function ApproveButton({
  request,
  armed,
  label,
  onApprove,
}: {
  request: RequestView;
  armed: boolean;
  /** Without its first word: `once`, `and allow for 1 h`. */
  label: string;
  onApprove: () => void;
}) {
  if (request.unusual.length > 0) {
    return (
      <HoldButton
        look="amber"
        armed={armed}
        onHeld={onApprove}
        label={`Hold to approve ${label}`}
        reason={unusualLine(request.unusual)}
      />
    );
  }
  return (
    <GuardedButton look="primary" armed={armed} onPress={onApprove} className="min-h-14">
      Approve {label}
    </GuardedButton>
  );
}

function Approve({ request, armed, onAnswer }: Props) {
  if (!request.key.here) {
    return (
      <p className="flex min-h-14 items-center justify-center rounded-xl border border-dashed border-line-strong px-4 py-2 text-center text-muted">
        Approve it on the phone that has the key {request.key.name}
      </p>
    );
  }
  if (!approvable(request)) return null;
  if (!isWhole(request)) {
    return (
      <p className={`${buttonClass('primary', true)} min-h-14 opacity-60`} role="status">
        Loading the text…
      </p>
    );
  }
  return <ApproveButton request={request} armed={armed} label="once" onApprove={() => onAnswer('approve')} />;
}

/** What the choice of a permission is called while it is closed: the first that is offered, for an hour. */
function grantLabel({ offers: [first] }: RequestView): string {
  if (first === undefined || first.scope === 'computer') return 'Allow for 1 h';
  return `${first.scope === 'commits' ? 'Commits' : scopeNames[first.scope]} for 1 h`;
}

function AllowForAWhile({ request, armed, onAnswer }: Props) {
  return (
    <Sheet
      title="Allow for a while"
      actions={null}
      trigger={
        <button type="button" className={`${buttonClass('secondary')} grow-[2] bg-ground`}>
          <span>{grantLabel(request)}</span>
          <Icon name="down" size={16} />
        </button>
      }
    >
      <grantForm.Part request={request} armed={armed} onGrant={(grant) => onAnswer('approve', grant)} />
    </Sheet>
  );
}

/** The answers at thumb's reach. They stay where they are while the slip above them grows or shrinks. */
export function Actions(props: Props) {
  const { request, armed, onAnswer } = props;
  const offered = approvable(request) && isWhole(request) && request.offers.length > 0;
  return (
    <div className="space-y-2">
      <Approve {...props} />
      <div className="flex flex-wrap gap-2">
        {offered && <AllowForAWhile {...props} />}
        {!request.key.here && request.canPass && (
          <GuardedButton
            look="secondary"
            armed={armed}
            onPress={() => onAnswer('pass')}
            className="w-auto! grow-[2] bg-ground"
          >
            Use another key
          </GuardedButton>
        )}
        <GuardedButton
          look="secondary"
          armed={armed}
          onPress={() => onAnswer('reject')}
          className="w-auto! grow bg-ground"
        >
          Reject
        </GuardedButton>
      </div>
    </div>
  );
}
