/** What a replayed chain holds of memory, its links' own bytes not counted: those are let go of. */
import { type ChainState, replay, type SignedLink } from '@palmkey/chain';
import { sha256 } from '@palmkey/core/crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Row } from '../rows.ts';

/** So many states, so that what else the process does is small beside them. */
const STATES = 20;

/** Bytes of the heap for each link. */
export async function heldBytes(links: readonly SignedLink[]): Promise<Row> {
  const collect = collector();
  const states: ChainState[] = [await replayed(links)];
  collect();
  const before = process.memoryUsage();
  for (let i = 0; i < STATES; i += 1) states.push(await replayed(links));
  collect();
  const after = process.memoryUsage();
  const held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  if (states.length !== STATES + 1) throw new Error('a state is missing');
  return {
    bench: 'chain',
    case: `${links.length} links held`,
    subject: 'ours',
    metric: 'bytes_per_link',
    value: Math.round(held / STATES / links.length),
    unit: 'B',
  };
}

/** Of copies, as a relay or a disk gives them. That their signatures hold is not what is measured. */
async function replayed(links: readonly SignedLink[]): Promise<ChainState> {
  const copies = links.map(({ json, signature }) => ({ json: json.slice(), signature }));
  return replay({ sha256, verify: () => true }, copies, null);
}

/** Node's own, which a program has only by a flag. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('nothing collects garbage');
  return () => {
    for (let times = 0; times < 2; times += 1) Reflect.apply(collect, undefined, []);
  };
}
