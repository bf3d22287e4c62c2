import { overwriteDelivery, type DeviceId } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { MailLine, MailReader } from '../post/post-office.ts';
import type { StoredMail } from './stored-mail.ts';

/** After a read that failed though NATS is there. */
const READ_AGAIN_MS = 500;

/** What a line needs of its office. */
export interface LinePorts {
  readonly clock: Clock;
  readonly windowMessages: number;
  readonly windowBytes: number;
  /** The first mail for the device from this number on; null where there is none. Rejects while NATS is away. */
  next(from: number): Promise<StoredMail | null>;
  /** The device is done with what is up to a number, `messages` of it since it last said so. */
  acked(upTo: number, messages: number): void;
  /** Mail that nobody needs any more was met before it was sent. */
  expired(mail: StoredMail): void;
  closed(): void;
}

interface OnItsWay {
  readonly sequence: number;
  readonly bytes: number;
  readonly since: number;
}

/**
 * A device's reading of its mailbox in the stream. While it keeps up, each message is sent as the stream says it
 * ({@link onStored}). Where one was missed, or the window was full, the line reads from the stream until it has caught up.
 */
export class NatsMailLine implements MailLine {
  readonly device: DeviceId;
  readonly #reader: MailReader;
  readonly #ports: LinePorts;
  readonly #onItsWay: OnItsWay[] = [];
  #bytesOnTheirWay = 0;
  /** All up to this number was sent, or is not there. */
  #position: number;
  #acked: number;
  /** The highest number that the stream has said for this device. */
  #heard = 0;
  /** There may be mail beyond the position that was not heard of. */
  #mustLook = true;
  #reading = false;
  #open = true;
  #cancelAgain: () => void = () => undefined;

  constructor(device: DeviceId, after: number, reader: MailReader, ports: LinePorts) {
    this.device = device;
    this.#position = after;
    this.#acked = after;
    this.#reader = reader;
    this.#ports = ports;
  }

  get unackedSince(): number | null {
    return this.#onItsWay[0]?.since ?? null;
  }

  /** The stream has stored mail for this device; `previous` is the number of the one before it that is still held. */
  onStored(mail: StoredMail, previous: number): void {
    if (!this.#open || mail.sequence <= this.#position) return;
    this.#heard = Math.max(this.#heard, mail.sequence);
    if (this.#reading || this.#mustLook || previous > this.#position || !this.#hasRoom()) this.#read();
    else this.#hand(mail);
  }

  /** The numbers before now mean nothing; only before anything was sent. */
  rewind(): void {
    this.#position = 0;
    this.#acked = 0;
  }

  /** Something may have been missed. */
  look(): void {
    this.#mustLook = true;
    this.#read();
  }

  ack(delivery: number): void {
    const upTo = Math.min(delivery, this.#position);
    if (upTo <= this.#acked) return;
    this.#acked = upTo;
    const firstLeft = this.#onItsWay.findIndex(({ sequence }) => sequence > upTo);
    const done = this.#onItsWay.splice(0, firstLeft === -1 ? this.#onItsWay.length : firstLeft);
    for (const { bytes } of done) this.#bytesOnTheirWay -= bytes;
    this.#ports.acked(upTo, done.length);
    this.#read();
  }

  resume(): void {
    this.#read();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#cancelAgain();
    this.#ports.closed();
  }

  #hasRoom(): boolean {
    const { windowMessages, windowBytes } = this.#ports;
    return (
      this.#onItsWay.length < windowMessages &&
      this.#bytesOnTheirWay < windowBytes &&
      this.#reader.waitingBytes <= windowBytes
    );
  }

  #read(): void {
    if (this.#reading || !this.#open || !this.#isBehind() || !this.#hasRoom()) return;
    this.#reading = true;
    this.#catchUp()
      .catch(() => {
        this.#mustLook = true;
        this.#cancelAgain();
        this.#cancelAgain = this.#ports.clock.after(READ_AGAIN_MS, () => this.#read());
      })
      .finally(() => {
        this.#reading = false;
      });
  }

  async #catchUp(): Promise<void> {
    while (this.#open && this.#isBehind() && this.#hasRoom()) {
      // What was said before the question is either in the answer or not in the stream any more.
      const heard = this.#heard;
      this.#mustLook = false;
      const mail = await this.#ports.next(this.#position + 1);
      if (!this.#isStillOpen()) return;
      if (mail === null) this.#position = Math.max(this.#position, heard);
      else {
        this.#mustLook = true;
        this.#hand(mail);
      }
    }
  }

  /** As the line may have been closed while something was awaited. */
  #isStillOpen(): boolean {
    return this.#open;
  }

  #isBehind(): boolean {
    return this.#mustLook || this.#heard > this.#position;
  }

  #hand(mail: StoredMail): void {
    this.#position = mail.sequence;
    if (mail.frame === null || mail.expiresAt <= this.#ports.clock.now()) return this.#ports.expired(mail);
    overwriteDelivery(mail.frame, mail.sequence);
    this.#onItsWay.push({ sequence: mail.sequence, bytes: mail.frame.length, since: this.#ports.clock.now() });
    this.#bytesOnTheirWay += mail.frame.length;
    this.#reader.deliver(mail.frame);
  }
}
