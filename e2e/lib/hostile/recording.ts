import type { Attack } from './attack.ts';

/** Changes nothing and keeps all that passes, as a curious relay would. */
export function record(): { readonly attack: Attack; bytes(): Buffer } {
  const kept: Uint8Array[] = [];
  const keep = (bytes: Uint8Array): void => void kept.push(bytes.slice());
  return {
    attack: {
      fromDevice: (frame) => {
        keep(frame);
        return [frame];
      },
      toDevice: (frame) => {
        keep(frame);
        return [frame];
      },
      asked: (asked) => {
        // The messages of a rendezvous are base64url in JSON.
        keep(asked.body);
        for (const [, text = ''] of String.fromCharCode(...asked.body).matchAll(/"msg":"([A-Za-z0-9_-]*)"/g)) {
          keep(Buffer.from(text, 'base64url'));
        }
        return asked;
      },
      answered: (_, answer) => {
        keep(answer.body);
        return answer;
      },
    },
    bytes: () => Buffer.concat(kept),
  };
}
