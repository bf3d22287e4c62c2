import { decodeLinks, encodeLinks, type SignedLink } from '@palmkey/chain';
import { sha256 } from '@palmkey/core/crypto';
import {
  encodeChainHead,
  encodeControlFrame,
  encodeFrame,
  encodeRelayError,
  faultOf,
  type Frame,
  FrameType,
  NOBODY,
  parseFrame,
  type RelayErrorCode,
  toHex,
  type AccountId,
  type DeviceId,
} from '@palmkey/envelope';
import type { Asked, Attack, Seat } from './attack.ts';

/** Shows, to `whom` alone or to everybody, these links of the account as if they were all, however it is asked. */
export function showChain(
  account: AccountId,
  links: () => readonly SignedLink[],
  whom: DeviceId | null = null,
): Attack {
  return { ...tellHead(account, links, whom), ...showLinks(account, links) };
}

/** Tells, to `whom` alone or to everybody, over their connections that the chain ends with the last of these links. */
export function tellHead(account: AccountId, links: () => readonly SignedLink[], whom: DeviceId | null = null): Attack {
  const asks = new Set<string>();
  const isFor = (seat: Seat) => whom === null || isSame(seat.device, whom);
  return {
    fromDevice: (frame, seat) => {
      if (isFor(seat) && typeOf(frame) === FrameType.chainAsk) asks.add(nameOf(seat, parseFrame(frame).number));
      return [frame];
    },
    toDevice: (frame, seat) => {
      if (!isFor(seat)) return [frame];
      if (typeOf(frame) === FrameType.chainHead) return [];
      const { type, number } = parseFrame(frame);
      if (type !== FrameType.done || !asks.delete(nameOf(seat, number))) return [frame];
      return [encodeControlFrame(FrameType.done, number, encodeChainHead({ account, ...headOf(links()) }))];
    },
  };
}

/** Shows these links as if they were all to whoever fetches them: over HTTP nobody says who asks. */
export function showLinks(account: AccountId, links: () => readonly SignedLink[]): Attack {
  return {
    answered: (asked, answer) => {
      const after = afterOf(asked, account);
      if (after === null || answer.status !== 200) return answer;
      const { seqno, hash } = headOf(links());
      return {
        ...answer,
        headers: { ...answer.headers, 'palmkey-head': `${seqno} ${toHex(hash)}` },
        body: encodeLinks(links().slice(after)),
      };
    },
  };
}

/** The word that the chain has another head, upon which a device asks. */
export function headWord(account: AccountId): Uint8Array {
  return encodeControlFrame(
    FrameType.chainHead,
    0,
    encodeChainHead({ account, seqno: 9_999, hash: new Uint8Array(32) }),
  );
}

/** Changes the text of the links as they are fetched. */
export function rewriteLinks(account: AccountId, change: (json: string) => string): Attack {
  return {
    answered: (asked, answer) => {
      if (afterOf(asked, account) === null || answer.status !== 200) return answer;
      const links = decodeLinks(answer.body).map(({ json, signature }) => ({
        json: new Uint8Array(Buffer.from(change(Buffer.from(json).toString()))),
        signature,
      }));
      return { ...answer, body: encodeLinks(links) };
    },
  };
}

/** Changes the body of what answers an order of that type. */
export function rewriteDone(type: FrameType, change: (body: Uint8Array) => Uint8Array): Attack {
  const asked = new Set<string>();
  return {
    fromDevice: (frame, seat) => {
      if (typeOf(frame) === type) asked.add(nameOf(seat, parseFrame(frame).number));
      return [frame];
    },
    toDevice: (frame, seat) => {
      const parsed: Frame = parseFrame(frame);
      if (parsed.type !== FrameType.done || !asked.delete(nameOf(seat, parsed.number))) return [frame];
      return [encodeFrame({ ...parsed, peer: NOBODY, body: change(parsed.body) })];
    },
  };
}

/** Answers an order of one device with an error, and does not do it. */
export function refuse(type: FrameType, whom: DeviceId, code: RelayErrorCode): Attack {
  return {
    fromDevice: (frame, seat) => {
      if (typeOf(frame) !== type || !isSame(seat.device, whom)) return [frame];
      seat.toDevice(encodeControlFrame(FrameType.error, parseFrame(frame).number, encodeRelayError({ code })));
      return [];
    },
  };
}

/** Says that an order was done, and does not do it. */
export function ackAndDrop(type: FrameType, whom: DeviceId): Attack {
  return {
    fromDevice: (frame, seat) => {
      if (typeOf(frame) !== type || !isSame(seat.device, whom)) return [frame];
      seat.toDevice(encodeControlFrame(FrameType.done, parseFrame(frame).number, new Uint8Array(0)));
      return [];
    },
  };
}

/** Does the order, and cuts the connection in the place of the answer; `onLost` each time. */
export function loseAnswer(type: FrameType, whom: DeviceId, onLost: () => void): Attack {
  const orders = new Set<number>();
  return {
    fromDevice: (frame, seat) => {
      if (typeOf(frame) === type && isSame(seat.device, whom)) orders.add(parseFrame(frame).number);
      return [frame];
    },
    toDevice: (frame, seat) => {
      const { type: given, number } = parseFrame(frame);
      if (!isSame(seat.device, whom) || given !== FrameType.done || !orders.delete(number)) return [frame];
      seat.cut();
      onLost();
      return [];
    },
  };
}

/** Holds an order of one device back until it is let go. */
export function hold(type: FrameType, whom: DeviceId): { readonly attack: Attack; readonly held: Promise<() => void> } {
  let isHeld: (release: () => void) => void = () => undefined;
  const held = new Promise<() => void>((resolve) => (isHeld = resolve));
  const attack: Attack = {
    fromDevice: (frame, seat) => {
      if (typeOf(frame) !== type || !isSame(seat.device, whom)) return [frame];
      isHeld(() => seat.toRelay(frame));
      return [];
    },
  };
  return { attack, held };
}

/** The type of a frame, or undefined for what is none. */
export function typeOf(frame: Uint8Array): number | undefined {
  return faultOf(frame) === undefined ? frame[1] : undefined;
}

const names = new WeakMap<Seat, number>();
let seats = 0;

function nameOf(seat: Seat, number: number): string {
  const name = names.get(seat) ?? seats++;
  names.set(seat, name);
  return `${name}/${number}`;
}

function headOf(links: readonly SignedLink[]): { readonly seqno: number; readonly hash: Uint8Array } {
  const last = links.at(-1);
  return { seqno: links.length, hash: last ? sha256(last.json) : new Uint8Array(32) };
}

function isSame(device: DeviceId | null, other: DeviceId): boolean {
  return device !== null && toHex(device) === toHex(other);
}

function afterOf({ method, url }: Asked, account: AccountId): number | null {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (method !== 'GET' || pathname !== `/v1/accounts/${toHex(account)}/links`) return null;
  return Number(searchParams.get('after'));
}
