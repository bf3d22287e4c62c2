/** A paired device of a test with many: real keys, seals and client, and a memory that outlives its program. */
import { webPrimitives } from '@palmkey/core/crypto';
import { type DeviceKeys, type Peer, parseDeviceName, publicDevice, type Role } from '@palmkey/core/devices';
import { MessageError, Opener, Sealer, type ReplayStore } from '@palmkey/core/messages';
import { parseRequestHash } from '@palmkey/core/requests';
import { fromHex, toHex, type DeviceId, type SealedBody } from '@palmkey/envelope';
import {
  memoryCursor,
  Outbox,
  RelayClient,
  systemTimers,
  type CursorStore,
  type OutboxMessage,
  type OutboxStore,
  type SendOptions,
  type SocketPort,
  type UndeliveredCode,
} from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { makeDevice } from './scripted-device.ts';

/** How long a label is. */
export const LABEL_BYTES = 32;

/** What a device is told of a message that it sent. */
export type Fate = { readonly is: 'settled' } | { readonly is: 'undelivered'; readonly code: UndeliveredCode };

export interface MailDeviceEvents {
  /** A message was opened, and was new: its label. */
  onOpened(to: MailDevice, label: string): void;
  /** A message came that was opened before. */
  onReplayed(to: MailDevice): void;
  /** A body came that cannot be what a peer sent. */
  onBroken(to: MailDevice, error: unknown): void;
  /** What became of a message, by its number. */
  onFate(from: MailDevice, number: number, fate: Fate): void;
}

/** Messages of a device's outbox, for as long as the test runs. */
class KeptOutbox implements OutboxStore {
  readonly kept = new Map<number, OutboxMessage>();

  put(message: OutboxMessage): Promise<void> {
    this.kept.set(message.number, message);
    return Promise.resolve();
  }

  remove(number: number): Promise<void> {
    this.kept.delete(number);
    return Promise.resolve();
  }
}

export interface MailDeviceOptions {
  readonly relay: string;
  readonly role: Role;
  readonly name: string;
  readonly replay: ReplayStore;
  readonly events: MailDeviceEvents;
  readonly sockets?: SocketPort;
}

/**
 * A computer or a phone that sends labels to its peers: a computer as requests, a phone as receipts, which are what
 * the table of roles lets them send (spec/requests.md). Outbox, cursor and replay windows are kept over a restart.
 */
export class MailDevice implements Disposable {
  readonly keys: DeviceKeys;
  readonly peer: Peer;
  client!: RelayClient;
  readonly #options: MailDeviceOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #outbox = new KeptOutbox();
  readonly #cursor: CursorStore = memoryCursor();
  #sealer!: Sealer;
  #opening = Promise.resolve();

  private constructor(keys: DeviceKeys, options: MailDeviceOptions) {
    this.keys = keys;
    this.#options = options;
    const { signingKey, agreementKey } = publicDevice(keys.signer.publicKey, keys.agreement.publicKey);
    this.peer = { id: keys.id, signingKey, agreementKey, name: parseDeviceName(options.name), role: options.role };
    this.start();
  }

  static async make(options: MailDeviceOptions): Promise<MailDevice> {
    return new MailDevice(await makeDevice(), options);
  }

  get id(): DeviceId {
    return this.keys.id;
  }

  /** Durable messages that are not settled yet. */
  get unsettled(): number {
    return this.client.unsettled;
  }

  knows(other: MailDevice): void {
    this.#peers.set(toHex(other.id), other.peer);
  }

  /** Begins its program, on what it has kept. */
  start(): void {
    const { relay, role, replay, events, sockets = nodeSockets } = this.#options;
    const clock = { now: () => Date.now() };
    this.#sealer = new Sealer({ primitives: webPrimitives, device: this.keys, clock });
    const peers = { find: (id: DeviceId) => this.#peers.get(toHex(id)) };
    const opener = new Opener({ primitives: webPrimitives, device: this.keys, role, peers, replay, clock });
    const { id, signer, agreement } = this.keys;
    this.client = new RelayClient({
      relay,
      device: { id, signer, agreementPublicKey: agreement.publicKey },
      sockets,
      timers: systemTimers,
      random: (length) => webPrimitives.randomBytes(length),
      outbox: new Outbox([...this.#outbox.kept.values()], this.#outbox),
      cursor: this.#cursor,
    });
    this.client.onBody((_, body) => (this.#opening = this.#opening.then(() => this.#open(opener, body))));
    this.client.onSettled((_, number) => events.onFate(this, number, { is: 'settled' }));
    this.client.onUndelivered((_, number, code) => events.onFate(this, number, { is: 'undelivered', code }));
    this.client.start();
  }

  /** Its program ends as one does that is killed: nothing is said. */
  stop(): void {
    this.client.close();
  }

  /** Seals a label of 32 bytes, in hexadecimal, and sends it; the number by which its fate is told. */
  async send(to: MailDevice, label: string, options: SendOptions): Promise<number> {
    return this.client.send(to.id, await this.seal(to, label), options);
  }

  seal(to: MailDevice, label: string): Promise<SealedBody> {
    const bytes = fromHex(label);
    return this.#sealer.seal(
      [to.peer],
      this.#options.role === 'asks'
        ? { kind: 'ask', request: bytes }
        : { kind: 'received', hash: parseRequestHash(bytes) },
      { lifetimeMs: 30 * 60_000 },
    );
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  async #open(opener: Opener, body: SealedBody): Promise<void> {
    const { events } = this.#options;
    try {
      const { content } = await opener.open(body);
      if (content.kind === 'ask') events.onOpened(this, toHex(content.request));
      else if (content.kind === 'received') events.onOpened(this, toHex(content.hash));
    } catch (error) {
      if (error instanceof MessageError && error.code === 'replayed') events.onReplayed(this);
      else events.onBroken(this, error);
    }
  }
}
