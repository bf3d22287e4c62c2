import {
  connectMessage,
  encodeAuthenticate,
  encodeControlFrame,
  encodeFrame,
  encodeResume,
  fromBase64Url,
  FrameType,
  parseAgreementPublicKey,
  parseChallenge,
  parseConnectNonce,
  parseFrame,
  parseSignature,
  parseSigningPublicKey,
  signedBytes,
  signInMessage,
  toBase64Url,
  type Authenticate,
  type DeviceId,
  type Frame,
  type Resume,
  type Signature,
  type SigningPublicKey,
  type AgreementPublicKey,
} from '@palmkey/envelope';
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { deviceIdOf } from '../admission.ts';

/** A device as a relay meets it: keys, and a socket whose every frame can be awaited. */
export class TestDevice {
  readonly signingKey: SigningPublicKey;
  readonly agreementKey: AgreementPublicKey;
  readonly id: DeviceId;
  readonly #privateKey: KeyObject;

  constructor() {
    const pair = generateKeyPairSync('ed25519');
    this.#privateKey = pair.privateKey;
    const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    this.signingKey = parseSigningPublicKey(new Uint8Array(raw));
    this.agreementKey = parseAgreementPublicKey(new Uint8Array(randomBytes(32)));
    this.id = deviceIdOf(this.signingKey, this.agreementKey);
  }

  /** Signs as whoever holds the device's key would: the links of a chain. */
  sign(message: Uint8Array): Signature {
    return parseSignature(new Uint8Array(sign(null, message, this.#privateKey)));
  }

  /** The body that answers a challenge; parts can be changed after signing. */
  answer(challenge: Frame, origin: string, changed: Partial<Authenticate> = {}): Uint8Array {
    const clientNonce = parseConnectNonce(new Uint8Array(randomBytes(32)));
    const message = connectMessage(parseChallenge(challenge.body), clientNonce, this.id, origin);
    const signature = this.sign(signedBytes('relay-connect', message));
    const { signingKey, agreementKey } = this;
    return encodeAuthenticate({ clientNonce, signingKey, agreementKey, signature, origin, ...changed });
  }

  /** What signs this device in at a relay that gave a nonce, base64url: the fields of a form. */
  signInFields(
    nonce: string,
    origin: string,
  ): Record<'signingKey' | 'agreementKey' | 'nonce' | 'signature' | 'origin', string> {
    const message = signInMessage(parseConnectNonce(fromBase64Url(nonce)), this.id, origin);
    return {
      signingKey: toBase64Url(this.signingKey),
      agreementKey: toBase64Url(this.agreementKey),
      nonce,
      signature: toBase64Url(new Uint8Array(sign(null, signedBytes('relay-sign-in', message), this.#privateKey))),
      origin,
    };
  }

  /** Connects and authenticates; the first answer is the next frame. */
  async connect(url: string, changed: Partial<Authenticate> = {}, origin = url): Promise<TestSocket> {
    const socket = await TestSocket.open(url);
    const challenge = await socket.next();
    socket.control(FrameType.authenticate, 0, this.answer(challenge, origin, changed));
    return socket;
  }

  /** Connects and waits for the admission. */
  async enter(url: string, changed: Partial<Authenticate> = {}): Promise<TestSocket> {
    const socket = await this.connect(url, changed);
    const admitted = await socket.next();
    if (admitted.type !== FrameType.admitted) throw new Error(`not admitted: ${admitted.type}`);
    socket.epoch = admitted.coalescingKey;
    return socket;
  }

  /** Connects, waits for the admission, and reads its mail from `resume` on; from the first of this epoch if left out. */
  async read(url: string, resume?: Resume): Promise<TestSocket> {
    const socket = await this.enter(url);
    socket.control(FrameType.resume, 0, encodeResume(resume ?? { epoch: socket.epoch, cursor: 0 }));
    // The relay has taken it once it answers what came behind it.
    socket.ws.ping();
    await once(socket.ws, 'pong');
    return socket;
  }
}

/** A WebSocket to a relay whose frames come one by one. */
export class TestSocket {
  readonly ws: WebSocket;
  readonly closed: Promise<number>;
  /** The epoch of its mail, once its device is admitted. */
  epoch = 0;
  readonly #frames: Uint8Array[] = [];
  #waiting: ((frame: Uint8Array) => void)[] = [];

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer) => {
      const bytes = new Uint8Array(data);
      const waiter = this.#waiting.shift();
      if (waiter) waiter(bytes);
      else this.#frames.push(bytes);
    });
    ws.on('error', () => undefined);
    this.closed = once(ws, 'close').then(([code]) => code as number);
  }

  static async open(url: string, options: ClientOptions = {}): Promise<TestSocket> {
    const socket = new TestSocket(new WebSocket(`${url.replace(/^http/, 'ws')}/v1/socket`, options));
    await once(socket.ws, 'open');
    return socket;
  }

  /** The bytes of the next frame. */
  nextBytes(): Promise<Uint8Array> {
    const frame = this.#frames.shift();
    return frame ? Promise.resolve(frame) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  async next(): Promise<Frame> {
    return parseFrame(await this.nextBytes());
  }

  control(type: FrameType, number: number, body: Uint8Array): void {
    this.ws.send(encodeControlFrame(type, number, body));
  }

  unicast(to: DeviceId, number: number, body: Uint8Array): Uint8Array {
    const frame = encodeFrame({ type: FrameType.unicast, lifetimeS: 0, number, peer: to, coalescingKey: 5, body });
    this.ws.send(frame);
    return frame;
  }

  /** Sends mail; returns what was sent. */
  mail(to: DeviceId, number: number, body: Uint8Array, how: Partial<Omit<Frame, 'body'>> = {}): Uint8Array {
    const frame = encodeFrame({
      type: FrameType.unicast,
      lifetimeS: 60,
      number,
      peer: to,
      coalescingKey: 0,
      body,
      ...how,
    });
    this.ws.send(frame);
    return frame;
  }

  /** Is done with what was delivered up to a number. */
  ack(delivery: number): void {
    this.control(FrameType.ack, delivery, new Uint8Array(0));
  }
}
