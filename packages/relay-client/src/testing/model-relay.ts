import { FrameType, parseFrame, parseResume, toHex, type DeviceId, type Frame } from '@palmkey/envelope';
import { control, delivery, errorFrame } from './fake-relay.ts';
import type { FakeSocket } from './fake-sockets.ts';

/** Mail as spec/relay.md has it, for one device at fake sockets: what happens when is for the test to say. */
export class ModelRelay {
  epoch = 1;
  /** What its mailboxes hold of this device's: how often each durable number was taken, and the others' numbers. */
  readonly durable = new Map<number, number>();
  taken = new Set<number>();
  /** What waits for this device. */
  waiting: { readonly id: number; readonly number: number; readonly durable: boolean }[] = [];
  readonly #peer: DeviceId;
  readonly #self: DeviceId;
  #socket: FakeSocket | undefined;
  #read = 0;
  #settled = 0;
  #lastDelivery = 0;
  #resumed = false;

  constructor(self: DeviceId, peer: DeviceId) {
    this.#self = self;
    this.#peer = peer;
  }

  /** A device has been admitted on a socket; its authentication counts as read. */
  enter(socket: FakeSocket): void {
    this.#socket = socket;
    this.#read = 1;
    this.#settled = 0;
    this.#resumed = false;
  }

  /** The relay's memory is lost: what is not durable is gone. */
  crash(): void {
    this.epoch++;
    this.taken = new Set();
    this.#lastDelivery = 0;
    this.waiting = this.waiting
      .filter((mail) => mail.durable)
      .map((mail) => ({ ...mail, number: ++this.#lastDelivery }));
  }

  /** Reads the next frame of the device, if there is one; mail is refused where `refuses`. */
  read(refuses: boolean): boolean {
    const bytes = this.#socket?.sent[this.#read];
    if (bytes === undefined) return false;
    this.#read++;
    this.#take(parseFrame(bytes), refuses);
    return true;
  }

  /** Acks what it has settled. */
  ack(): void {
    if (this.#resumed) this.#socket?.events.onMessage(control(FrameType.ack, this.#settled));
  }

  /** Puts mail for the device into its mailbox. */
  post(id: number, durable: boolean): void {
    this.waiting.push({ id, number: ++this.#lastDelivery, durable });
  }

  /** Delivers what waits, some of it once more than it should. */
  deliver(twice: boolean): void {
    if (!this.#resumed) return;
    for (const { id, number } of twice ? [...this.waiting, ...this.waiting] : this.waiting) {
      this.#socket?.events.onMessage(delivery(this.#peer, number, Uint8Array.of(id >> 8, id & 255)));
    }
  }

  #take(frame: Frame, refuses: boolean): void {
    switch (frame.type) {
      case FrameType.resume: {
        const { epoch, cursor } = parseResume(frame.body);
        if (epoch === this.epoch) this.#letGo(cursor);
        this.#resumed = true;
        return;
      }
      case FrameType.ack:
        this.#letGo(frame.number);
        return;
      case FrameType.unicast:
        this.#settled++;
        if (refuses) this.#socket?.events.onMessage(errorFrame('mailbox-full', frame.number, frame.peer));
        else if (frame.durable) this.durable.set(frame.number, (this.durable.get(frame.number) ?? 0) + 1);
        else this.taken.add(frame.number);
        return;
      default:
        throw new Error(`type ${frame.type} from ${toHex(this.#self)}`);
    }
  }

  #letGo(upTo: number): void {
    this.waiting = this.waiting.filter(({ number }) => number > upTo);
  }
}
