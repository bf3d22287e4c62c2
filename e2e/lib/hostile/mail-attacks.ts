import { encodeControlFrame, encodeFrame, type DeviceId, equal, FrameType, parseFrame } from '@palmkey/envelope';
import type { Attack, Seat } from './attack.ts';
import { typeOf } from './chain-attacks.ts';

/** Who says something to whom. */
export interface Way {
  readonly from: DeviceId;
  readonly to: DeviceId;
}

/** A message in the relay's hand. */
export interface Caught {
  /** As its recipient would get it, live and by itself. */
  readonly delivered: Uint8Array;
  /** Lets it go on as it was. */
  release(): void;
}

/** The messages of one way that pass or are held, in the order of their coming. */
export interface Heard {
  readonly attack: Attack;
  readonly messages: readonly Caught[];
  /** The first of them behind so many; waits for it. */
  after(count: number): Promise<Caught>;
}

/** Keeps a copy of every message on its way to the relay. */
export function listen(way: Way): Heard {
  return hearing(way, (frame) => [frame]);
}

/** Keeps messages back from the relay until each is released. */
export function holdMail(way: Way): Heard {
  return hearing(way, () => []);
}

/** Mail that is lost from some moment on. */
export interface Losing extends Heard {
  /** From now on. */
  begin(): void;
}

/** Says of each that it was taken, and loses it; to be used before the sender connects, whose mail it counts. */
export function loseMail(way: Way): Losing {
  const counts = new Map<Seat, { mail: number; lost: number }>();
  let isBegun = false;
  const countOf = (seat: Seat) => {
    const count = counts.get(seat) ?? { mail: 0, lost: 0 };
    counts.set(seat, count);
    return count;
  };
  const heard = hearing(way, (_, seat) => {
    const count = countOf(seat);
    count.lost += 1;
    seat.toDevice(encodeControlFrame(FrameType.ack, count.mail, new Uint8Array(0)));
    return [];
  });
  return {
    ...heard,
    begin: () => (isBegun = true),
    attack: {
      fromDevice: (frame, seat) => {
        if (isMail(frame)) countOf(seat).mail += 1;
        return isBegun && isMail(frame) ? (heard.attack.fromDevice?.(frame, seat) ?? [frame]) : [frame];
      },
      // The relay counts what it got, the device what it sent.
      toDevice: (frame, seat) => {
        if (typeOf(frame) !== FrameType.ack || countOf(seat).lost === 0) return [frame];
        const { number } = parseFrame(frame);
        return [encodeControlFrame(FrameType.ack, number + countOf(seat).lost, new Uint8Array(0))];
      },
    },
  };
}

/** What comes to a device comes `times` times. */
export function repeatMail(to: DeviceId, times: number): Attack {
  return {
    toDevice: (frame, seat) => (isMessageFor(frame, seat, to) ? Array<Uint8Array>(times).fill(frame) : [frame]),
  };
}

/** What comes to a device is said to come from another; `changed` resolves after so many. */
export function falseFrom(
  to: DeviceId,
  from: DeviceId,
  count: number,
): { readonly attack: Attack; readonly changed: Promise<void> } {
  let left = count;
  let isChanged: () => void = () => undefined;
  const changed = new Promise<void>((resolve) => (isChanged = resolve));
  const attack: Attack = {
    toDevice: (frame, seat) => {
      if (!isMessageFor(frame, seat, to)) return [frame];
      left -= 1;
      if (left === 0) isChanged();
      return [encodeFrame({ ...parseFrame(frame), peer: from })];
    },
  };
  return { attack, changed };
}

/** Gives a device its own messages back as well, as if its peer had sent them. */
export function reflectMail(to: DeviceId): Attack {
  return {
    fromDevice: (frame, seat) => {
      if (isBy(seat, to) && typeOf(frame) === FrameType.unicast) seat.toDevice(asLive(frame, parseFrame(frame).peer));
      return [frame];
    },
  };
}

/** Every two messages that come to a device come in the other order. */
export function swapMail(to: DeviceId): Attack {
  let held: Uint8Array | null = null;
  return {
    toDevice: (frame, seat) => {
      // What is to be acked has its place; only live messages have none.
      if (!isMessageFor(frame, seat, to) || parseFrame(frame).coalescingKey !== 0) return [frame];
      if (held === null) {
        held = frame;
        return [];
      }
      const first = held;
      held = null;
      return [frame, first];
    },
  };
}

/** A message as the relay would give it on, live, as from that device. */
export function asLive(frame: Uint8Array, from: DeviceId): Uint8Array {
  return encodeFrame({ ...parseFrame(frame), lifetimeS: 0, coalescingKey: 0, durable: false, peer: from });
}

function hearing(way: Way, take: (frame: Uint8Array, seat: Seat) => readonly Uint8Array[]): Heard {
  const messages: Caught[] = [];
  const waiting = new Set<() => void>();
  return {
    messages,
    attack: {
      fromDevice: (frame, seat) => {
        if (!isOn(way, frame, seat)) return [frame];
        messages.push({ delivered: asLive(frame, way.from), release: () => seat.toRelay(frame) });
        for (const look of [...waiting]) look();
        return take(frame, seat);
      },
    },
    after: (count) =>
      new Promise((resolve) => {
        const look = () => {
          const message = messages[count];
          if (message === undefined) return;
          waiting.delete(look);
          resolve(message);
        };
        waiting.add(look);
        look();
      }),
  };
}

function isOn({ from, to }: Way, frame: Uint8Array, seat: Seat): boolean {
  return isBy(seat, from) && typeOf(frame) === FrameType.unicast && equal(parseFrame(frame).peer, to);
}

function isMessageFor(frame: Uint8Array, seat: Seat, to: DeviceId): boolean {
  return isBy(seat, to) && typeOf(frame) === FrameType.unicast;
}

function isMail(frame: Uint8Array): boolean {
  const type = typeOf(frame);
  return (type === FrameType.unicast || type === FrameType.broadcast) && parseFrame(frame).lifetimeS > 0;
}

function isBy({ device }: Seat, id: DeviceId): boolean {
  return device !== null && equal(device, id);
}
