import { fromBase64Url, toBase64Url, toHex } from '@palmkey/envelope';
import type { Answered, Asked, Attack } from './attack.ts';

/** A message of a rendezvous, as it is posted. */
export interface Posted {
  /** In hex. */
  readonly sender: string;
  readonly seqno: number;
  readonly message: Uint8Array;
}

interface Fetched {
  readonly messages: readonly { readonly sender: string; readonly seqno: number; readonly msg: string }[];
}

/** Which message of which sender, in hex. */
export interface Which {
  readonly sender: string;
  readonly seqno: number;
}

const is =
  ({ sender, seqno }: Which) =>
  (posted: Posted) =>
    posted.sender === sender && posted.seqno === seqno;

/** Says that the message was taken, and loses it; `onDropped` then. */
export function drop(which: Which, onDropped: () => void): Attack {
  return {
    asked: (asked) => {
      const posted = postedIn(asked);
      if (posted === null || !is(which)(posted)) return asked;
      onDropped();
      return taken;
    },
  };
}

/** Keeps the message back until its receiver has asked in vain `polls` times. */
export function delay(which: Which, polls: number): Attack {
  let left = polls;
  return {
    answered: (asked, answer) => {
      return changed(asked, answer, (messages) => {
        const kept = messages.filter((message) => !is(which)(message));
        if (kept.length === messages.length || left === 0) return messages;
        left -= 1;
        return kept;
      });
    },
  };
}

/** Shows the message only once the next one of that sender is there, and behind it. */
export function reorder(which: Which): Attack {
  return {
    answered: (asked, answer) =>
      changed(asked, answer, (messages) => {
        const held = messages.filter(is(which));
        const next = messages.filter(is({ ...which, seqno: which.seqno + 1 }));
        return next.length === 0 ? messages.filter((each) => !held.includes(each)) : [...next, ...held];
      }),
  };
}

/** Gives every message twice. */
export const duplicate: Attack = {
  answered: (asked, answer) => changed(asked, answer, (messages) => messages.flatMap((each) => [each, each])),
};

/** Gives one who asks its own messages back, as its own or as another's. */
export function reflect(as: 'itself' | 'another'): Attack {
  const posts: Posted[] = [];
  return {
    asked: (asked) => {
      const posted = postedIn(asked);
      if (posted) posts.push(posted);
      return asked;
    },
    answered: (asked, answer) => {
      const receiver = receiverOf(asked);
      if (receiver === null) return answer;
      const own = posts.filter(({ sender }) => sender === receiver);
      const given = own.map((each) => (as === 'itself' ? each : { ...each, sender: 'ee'.repeat(16) }));
      return given.length === 0 ? answer : changed(asked, answer, () => given);
    },
  };
}

/** Gives the message with another body than it was posted with: one id, two bodies. */
export function swapBody(which: Which, change: (message: Uint8Array) => Uint8Array): Attack {
  return {
    answered: (asked, answer) =>
      changed(asked, answer, (messages) =>
        messages.map((each) => (is(which)(each) ? { ...each, message: change(each.message) } : each)),
      ),
  };
}

/** Leads whoever finds a rendezvous by its number to another. */
export function misleadNumber(rendezvous: Uint8Array): Attack {
  return {
    answered: (asked, answer) =>
      asked.url.startsWith('/v1/nameplates/') && answer.status === 200
        ? json(answer, { id: toBase64Url(rendezvous) })
        : answer,
  };
}

const taken: Answered = {
  status: 201,
  headers: { 'content-type': 'application/json', 'access-control-allow-origin': '*' },
  body: Buffer.from('{}'),
};

/** The message that a request posts, or null. */
export function postedIn({ method, url, body }: Asked): Posted | null {
  if (method !== 'POST' || !url.startsWith('/v1/rendezvous/')) return null;
  const parsed = JSON.parse(Buffer.from(body).toString()) as Fetched['messages'][number];
  return postedOf(parsed);
}

function postedOf({ sender, seqno, msg }: Fetched['messages'][number]): Posted {
  return { sender: toHex(fromBase64Url(sender)), seqno, message: fromBase64Url(msg) };
}

function receiverOf({ method, url }: Asked): string | null {
  const receiver = new URL(url, 'http://localhost').searchParams.get('receiver');
  return method === 'GET' && receiver !== null ? toHex(fromBase64Url(receiver)) : null;
}

/** Another answer in the place of one that gives messages. */
function changed(
  { method, url }: Asked,
  answer: Answered,
  change: (messages: readonly Posted[]) => readonly Posted[],
): Answered {
  if (method !== 'GET' || !url.startsWith('/v1/rendezvous/') || answer.status !== 200) return answer;
  const { messages } = JSON.parse(Buffer.from(answer.body).toString()) as Fetched;
  const given = change(messages.map(postedOf)).map(({ sender, seqno, message }) => ({
    sender: toBase64Url(Buffer.from(sender, 'hex')),
    seqno,
    msg: toBase64Url(message),
  }));
  return json(answer, { messages: given });
}

function json(answer: Answered, value: unknown): Answered {
  return { ...answer, body: Buffer.from(JSON.stringify(value)) };
}
