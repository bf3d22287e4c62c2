/** Replay in a page with the app's own port: how long it takes, and how long the page stands still meanwhile. */
import { decodeLinks, replay, type SignedLink } from '@palmkey/chain';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { fromBase64Url } from '@palmkey/envelope';
import { givingWay, webEventLoop } from '../../../apps/phone/src/engine/giving-way.ts';

/** Milliseconds of each round. */
export interface PageRounds {
  readonly replay: readonly number[];
  readonly longestBlock: readonly number[];
}

declare global {
  interface Window {
    /** Of encoded links, in base64url. */
    measureReplay(chain: { readonly links: string; readonly rounds: number }): Promise<PageRounds>;
  }
}

/** Rounds until the engine has compiled what it will. */
const WARM_UP = 2;
const primitives = { sha256, verify: givingWay(webPrimitives, webEventLoop()) };

window.measureReplay = async ({ links, rounds }) => {
  const all = decodeLinks(fromBase64Url(links));
  const times: number[] = [];
  const blocks: number[] = [];
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const [time, block] = [await timed(all), await longestBlock(all)];
    if (round < 0) continue;
    times.push(time);
    blocks.push(block);
  }
  return { replay: times, longestBlock: blocks };
};

async function timed(links: readonly SignedLink[]): Promise<number> {
  const startedAt = performance.now();
  await replay(primitives, links, null);
  return performance.now() - startedAt;
}

/** The longest time between two turns of the event loop. Asking for them takes time, so it is a round of its own. */
async function longestBlock(links: readonly SignedLink[]): Promise<number> {
  const { port1, port2 } = new MessageChannel();
  let [last, longest] = [performance.now(), 0];
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  port1.onmessage = () => {
    look();
    port2.postMessage(null);
  };
  port2.postMessage(null);
  await timed(links);
  look();
  port1.close();
  return longest;
}
