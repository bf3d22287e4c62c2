import type { Role } from '../devices/index.ts';
import type { ContentKind } from './content.ts';

const ANY: readonly Role[] = ['asks', 'decides'];

/** Who may say what to whom (spec/requests.md): a host can neither decide nor command another host. */
const TABLE: Readonly<Record<ContentKind, { readonly from: readonly Role[]; readonly to: readonly Role[] }>> = {
  here: { from: ANY, to: ANY },
  speaks: { from: ANY, to: ANY },
  ask: { from: ['asks'], to: ['decides'] },
  received: { from: ['decides'], to: ['asks'] },
  decision: { from: ['decides'], to: ['asks'] },
  settled: { from: ['asks'], to: ['decides'] },
  want: { from: ['decides'], to: ['asks'] },
  part: { from: ['asks'], to: ['decides'] },
  preview: { from: ['asks'], to: ['decides'] },
  unpair: { from: ANY, to: ANY },
  enlist: { from: ['decides'], to: ['asks'] },
  facts: { from: ['decides'], to: ['asks'] },
  consent: { from: ['asks'], to: ['decides'] },
  moved: { from: ['decides'], to: ['asks'] },
};

/** Whether a sender in the one role may say this to a receiver in the other. */
export function isAllowed(kind: ContentKind, sender: Role, receiver: Role): boolean {
  const row = TABLE[kind];
  return row.from.includes(sender) && row.to.includes(receiver);
}
