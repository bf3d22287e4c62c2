import { type ChainState, laterLink, placeAfter, replay, signLink } from '@palmkey/chain';
import { sha256 } from '../crypto/index.ts';
import type { Actor, ChainAct } from './act.ts';

/** A computer's own leave: it revokes itself alone. Rejects with `ChainError` for every device but an active host. */
export async function leaveAccount({ primitives, device, ctime }: Actor, state: ChainState): Promise<ChainAct> {
  const author = { ctime, signer: device.id };
  const link = laterLink(placeAfter(state), author, { type: 'revoke', body: { devices: [device.id] } });
  const links = [await signLink(device.signer, link)];
  const after = await replay({ ...primitives, sha256 }, links, state);
  return { prev: state.head, links, boxes: [], seeds: [], after };
}
