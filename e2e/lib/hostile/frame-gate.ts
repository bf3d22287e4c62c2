/** The messages of a WebSocket on their way through (RFC 6455 §5.2): what nobody changes passes byte for byte. */

const BINARY = 0x82;

/** Takes the bytes of one direction; `pass` gives them on, with every whole binary message as `change` makes it. */
export class FrameGate {
  readonly #pass: (bytes: Buffer) => void;
  readonly #change: (message: Uint8Array) => readonly Uint8Array[];
  readonly #masks: boolean;
  #rest = Buffer.alloc(0);

  /** `masks`: the direction is from a client, whose frames are masked. */
  constructor(masks: boolean, pass: (bytes: Buffer) => void, change: (message: Uint8Array) => readonly Uint8Array[]) {
    this.#masks = masks;
    this.#pass = pass;
    this.#change = change;
  }

  push(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let length = this.#frameLength(); length <= this.#rest.length; length = this.#frameLength()) {
      const frame = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      this.#take(frame);
    }
  }

  /** Gives on a message that was not in the stream. */
  send(message: Uint8Array): void {
    const { length } = message;
    const head = length < 126 ? Buffer.from([BINARY, length]) : Buffer.alloc(length < 65_536 ? 4 : 10);
    if (length >= 126) {
      head.writeUInt8(BINARY, 0);
      head.writeUInt8(length < 65_536 ? 126 : 127, 1);
      if (length < 65_536) head.writeUInt16BE(length, 2);
      else head.writeBigUInt64BE(BigInt(length), 2);
    }
    if (!this.#masks) {
      this.#pass(Buffer.concat([head, message]));
      return;
    }
    // A mask of zeros changes nothing, and is one.
    head.writeUInt8(head.readUInt8(1) | 0x80, 1);
    this.#pass(Buffer.concat([head, Buffer.alloc(4), message]));
  }

  #take(frame: Buffer): void {
    if (frame.readUInt8(0) !== BINARY) {
      this.#pass(frame);
      return;
    }
    const message = this.#payload(frame);
    const changed = this.#change(message);
    if (changed.length === 1 && changed[0] === message) this.#pass(frame);
    else for (const each of changed) this.send(each);
  }

  #payload(frame: Buffer): Uint8Array {
    const at = headBytes(frame);
    const payload = new Uint8Array(frame.subarray(at));
    if (!isMasked(frame)) return payload;
    return payload.map((byte, i) => byte ^ frame.readUInt8(at - 4 + (i % 4)));
  }

  /** Of the frame that the rest begins with; more than there is where that is not known yet. */
  #frameLength(): number {
    const bytes = this.#rest;
    if (bytes.length < 2 || bytes.length < headBytes(bytes)) return Infinity;
    const short = bytes.readUInt8(1) & 0x7f;
    const payload = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    return headBytes(bytes) + payload;
  }
}

function headBytes(frame: Buffer): number {
  const short = frame.readUInt8(1) & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (isMasked(frame) ? 4 : 0);
}

function isMasked(frame: Buffer): boolean {
  return (frame.readUInt8(1) & 0x80) !== 0;
}
