import {
  equal,
  RelayError,
  toHex,
  type DeviceId,
  type Grant,
  type RendezvousId,
  type RendezvousSender,
} from '@palmkey/envelope';
import type { Clock } from './clock.ts';
import { limits } from './limits.ts';

/** One message left at a rendezvous. */
export interface RendezvousMessage {
  readonly sender: RendezvousSender;
  readonly seqno: number;
  readonly msg: Uint8Array;
}

/** What let a device in: the opener's id, and whether the rendezvous has been closed without `keep` since. */
export interface GrantUse {
  readonly openedBy: DeviceId;
  readonly withdrawn: boolean;
}

/** What a closed rendezvous had admitted, and whether it was that device that its opener named. */
export interface Closed {
  readonly device: DeviceId;
  readonly kept: boolean;
}

interface Meeting {
  readonly openedBy: DeviceId;
  /** By sender (hexadecimal), then by seqno. */
  readonly messages: Map<string, Map<number, RendezvousMessage>>;
  count: number;
  bytes: number;
  /** Polls that wait for the next message. */
  readonly waiting: Set<() => void>;
  admitted?: DeviceId;
  withdrawn: boolean;
  readonly cancelExpiry: () => void;
}

/** The rendezvous that are open, in memory (spec/relay.md, "Rendezvous"). A method throws `RelayError`. */
export class RendezvousHall {
  readonly #meetings = new Map<string, Meeting>();
  #bytes = 0;
  readonly #clock: Clock;
  readonly #onExpired: (admitted: DeviceId) => void;

  /** `onExpired` gets the device that an expired rendezvous had admitted: nobody has said to keep it. */
  constructor(clock: Clock, onExpired: (admitted: DeviceId) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Opens one for at most an hour. `conflict`: the id is open already; `rendezvous-full`: too many. */
  open(id: RendezvousId, opener: DeviceId): void {
    const key = toHex(id);
    if (this.#meetings.has(key)) throw new RelayError('conflict');
    let ofOpener = 0;
    for (const meeting of this.#meetings.values()) if (equal(meeting.openedBy, opener)) ofOpener++;
    if (ofOpener >= limits.rendezvousPerDevice || this.#meetings.size >= limits.rendezvousTotal) {
      throw new RelayError('rendezvous-full');
    }
    this.#meetings.set(key, {
      openedBy: opener.slice() as DeviceId,
      messages: new Map(),
      count: 0,
      bytes: 0,
      waiting: new Set(),
      withdrawn: false,
      cancelExpiry: this.#clock.after(limits.rendezvousLifetimeMs, () => {
        this.#expire(key);
      }),
    });
  }

  /**
   * Closes one; returns the device that it admitted, if that is to be `kept`, and otherwise if that is to be forgotten.
   * `no-rendezvous` also where another device opened it.
   */
  close(id: RendezvousId, opener: DeviceId, keep: DeviceId | null): Closed | undefined {
    const key = toHex(id);
    const meeting = this.#meetings.get(key);
    if (!meeting || !equal(meeting.openedBy, opener)) throw new RelayError('no-rendezvous');
    const device = meeting.admitted;
    const kept = keep !== null && device !== undefined && equal(device, keep);
    this.#end(key, meeting, kept);
    return device && { device, kept };
  }

  /** Uses up the grant of an open rendezvous for a device; undefined if it is not open or was used. */
  takeGrant(id: Grant, device: DeviceId): GrantUse | undefined {
    const meeting = this.#meetings.get(toHex(id));
    if (!meeting || meeting.admitted) return undefined;
    meeting.admitted = device;
    return meeting;
  }

  /** Leaves a message. `repeated`: the same was left before; `conflict`: another one under its triple. */
  post(id: RendezvousId, message: RendezvousMessage): 'posted' | 'repeated' {
    const meeting = this.#find(id);
    if (message.msg.length > limits.maxRendezvousMessageBytes) throw new RelayError('too-large');
    const sender = toHex(message.sender);
    const ofSender = meeting.messages.get(sender);
    const former = ofSender?.get(message.seqno);
    if (former) {
      if (equal(former.msg, message.msg)) return 'repeated';
      throw new RelayError('conflict');
    }
    const senders = meeting.messages.size + (ofSender ? 0 : 1);
    if (meeting.count >= limits.messagesPerRendezvous || senders > limits.sendersPerRendezvous) {
      throw new RelayError('rendezvous-full');
    }
    if (this.#bytes + message.msg.length > limits.rendezvousTotalBytes) throw new RelayError('rendezvous-full');
    this.#bytes += message.msg.length;
    meeting.bytes += message.msg.length;
    if (ofSender) ofSender.set(message.seqno, message);
    else meeting.messages.set(sender, new Map([[message.seqno, message]]));
    meeting.count++;
    wake(meeting);
    return 'posted';
  }

  /**
   * All messages of others with `seqno >= low`, by sender and seqno; where there are none, waits up to `waitMs` for
   * one to come. Throws `no-rendezvous` if the rendezvous is closed meanwhile.
   */
  async messages(
    id: RendezvousId,
    receiver: RendezvousSender,
    low: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly RendezvousMessage[]> {
    const until = this.#clock.now() + Math.min(waitMs, limits.maxPollMs);
    for (;;) {
      const meeting = this.#find(id);
      const found = messagesFor(meeting, toHex(receiver), low);
      const leftMs = until - this.#clock.now();
      if (found.length > 0 || leftMs <= 0 || signal.aborted) return found;
      if (meeting.waiting.size >= limits.pollsPerRendezvous) throw new RelayError('rendezvous-full');
      await this.#change(meeting, leftMs, signal);
    }
  }

  /** Ends all: whoever waits is answered `no-rendezvous`. */
  closeAll(): void {
    for (const [key, meeting] of this.#meetings) this.#end(key, meeting, true);
  }

  #find(id: RendezvousId): Meeting {
    const meeting = this.#meetings.get(toHex(id));
    if (!meeting) throw new RelayError('no-rendezvous');
    return meeting;
  }

  #expire(key: string): void {
    const meeting = this.#meetings.get(key);
    if (!meeting) return;
    this.#end(key, meeting, false);
    if (meeting.admitted) this.#onExpired(meeting.admitted);
  }

  #end(key: string, meeting: Meeting, kept: boolean): void {
    this.#meetings.delete(key);
    this.#bytes -= meeting.bytes;
    meeting.cancelExpiry();
    meeting.withdrawn = !kept;
    wake(meeting);
  }

  /** Until a message comes, the meeting ends, the time is over or the poll is given up. */
  #change(meeting: Meeting, leftMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        meeting.waiting.delete(done);
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#clock.after(leftMs, done);
      meeting.waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }
}

function messagesFor(meeting: Meeting, receiver: string, low: number): RendezvousMessage[] {
  const found: RendezvousMessage[] = [];
  for (const sender of [...meeting.messages.keys()].sort()) {
    if (sender === receiver) continue;
    const ofSender = [...(meeting.messages.get(sender)?.values() ?? [])];
    found.push(...ofSender.filter((message) => message.seqno >= low).sort((a, b) => a.seqno - b.seqno));
  }
  return found;
}

function wake(meeting: Meeting): void {
  for (const done of [...meeting.waiting]) done();
}
