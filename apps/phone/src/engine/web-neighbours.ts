import type { Neighbours } from './neighbours.ts';
import { parseWord } from './neighbours.ts';

const CHANNEL = 'palmkey';

/** Neighbours over a BroadcastChannel (HTML Standard, "Broadcasting to other browsing contexts"). */
export function webNeighbours(): Neighbours {
  const channel = new BroadcastChannel(CHANNEL);
  return {
    say: (word) => channel.postMessage(word),
    onWord: (listener) => {
      const onMessage = ({ data }: MessageEvent<unknown>): void => {
        const word = parseWord(data);
        if (word !== null) listener(word);
      };
      channel.addEventListener('message', onMessage);
      return () => channel.removeEventListener('message', onMessage);
    },
  };
}
