/** A phone as the host meets it: its keys, what it signs, what it says and what it was told. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { ChainState } from '@palmkey/chain';
import { type DeviceKeys, deviceKeys, type Peer, parseDeviceName, publicDevice } from '@palmkey/core/devices';
import { type Content, MemoryReplayStore, Opener, Sealer } from '@palmkey/core/messages';
import { parsePairingUrl, rendezvousIdOf, runPhonePairing } from '@palmkey/core/pairing';
import { ed25519Blob, encodeSshSignature } from '@palmkey/core/ssh';
import { type Grant, parseRendezvousSender, parseSignature } from '@palmkey/envelope';
import { HttpRendezvous, RelayClient, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { nodeAgreement, nodePrimitives, nodeSigner } from '../keys/node-primitives.ts';
import type { ChainPhone, PairedPhone } from '../state/pairing-store.ts';

const randomBytes = (length: number) => nodePrimitives.randomBytes(length);

/** Device keys like a host's or a phone's. */
export function testDevice(): DeviceKeys {
  return deviceKeys(nodeSigner(randomBytes(32)), nodeAgreement(randomBytes(32)));
}

/** The other side's view of a device. */
export function peerOf(device: DeviceKeys, name: string, role: Peer['role']): Peer {
  return { ...publicDevice(device.signer.publicKey, device.agreement.publicKey), name: parseDeviceName(name), role };
}

export class TestPhone implements Disposable {
  readonly device: DeviceKeys;
  readonly name: string;
  /** The user key's blob. */
  readonly key: Uint8Array;
  /** The account's chain as it says it in its messages. */
  chain: ChainState | null = null;
  /** What hosts told it, in order. */
  readonly heard: Content[] = [];
  readonly #userKey: KeyObject;
  #client: RelayClient | undefined;
  #sealer: Sealer | undefined;
  #waiting = new Set<() => void>();

  /** With the keys of a device that there is, it is that one by another connection. */
  constructor(name = 'Pixel', device = testDevice()) {
    this.name = name;
    this.device = device;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#userKey = privateKey;
    this.key = ed25519Blob(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  }

  /** What a host keeps of it. */
  pairing(relay = 'http://localhost:7722', change: Partial<PairedPhone> = {}): PairedPhone {
    return {
      by: 'pairing',
      peer: peerOf(this.device, this.name, 'decides'),
      relay,
      transcript: randomBytes(32),
      phoneSignature: parseSignature(randomBytes(64)),
      hostSignature: parseSignature(randomBytes(64)),
      pairedAt: 1_700_000_000_000,
      userKeys: [{ blob: this.key, comment: 'Work' }],
      ...change,
    };
  }

  /** What a host keeps of it that knows it from its account's chain. */
  onChain(relay = 'http://localhost:7722', change: Partial<ChainPhone> = {}): ChainPhone {
    const { peer, pairedAt, userKeys } = this.pairing(relay);
    return { by: 'chain', peer, relay, pairedAt, userKeys, ...change };
  }

  /** A signature blob over `data` with the user key. */
  sign(data: Uint8Array): Uint8Array {
    return encodeSshSignature('ssh-ed25519', new Uint8Array(sign(null, data, this.#userKey)));
  }

  /** Connects, and resolves once the relay has let it in, by `grant` where it must. `now` is its clock. */
  async connect(relay: string, host: Peer, now: () => number, grant?: Grant): Promise<void> {
    const { id, signer, agreement } = this.device;
    const clock = { now };
    const client = new RelayClient({
      relay,
      device: { id, signer, agreementPublicKey: agreement.publicKey },
      sockets: nodeSockets,
      timers: systemTimers,
      random: randomBytes,
      ...(grant !== undefined && { grant }),
    });
    const common = { primitives: nodePrimitives, device: this.device, clock };
    this.#sealer = new Sealer({ ...common, chain: () => this.chain });
    const peers = { find: () => host };
    const opener = new Opener({ ...common, role: 'decides', peers, replay: new MemoryReplayStore() });
    client.onBody((_from, body) => {
      const hear = ({ content }: { readonly content: Content }) => {
        this.heard.push(content);
        for (const look of this.#waiting) look();
      };
      // What does not open, by its time or otherwise, it was not told.
      void opener.open(body).then(hear, () => undefined);
    });
    this.#client = client;
    client.start();
    await client.connected();
  }

  /** Its connection. */
  get client(): RelayClient {
    if (this.#client === undefined) throw new Error('connect first');
    return this.#client;
  }

  /** Resolves with the first message of that kind that it was or will be told. */
  async told<Kind extends Content['kind']>(kind: Kind): Promise<Extract<Content, { kind: Kind }>> {
    for (;;) {
      const found = this.heard.find((content) => content.kind === kind);
      if (found !== undefined) return found as Extract<Content, { kind: Kind }>;
      await new Promise<void>((resolve) => {
        const look = () => {
          this.#waiting.delete(look);
          resolve();
        };
        this.#waiting.add(look);
      });
    }
  }

  /** Uses a pairing link; gives the code to whoever shows it. */
  async pair(url: string, onCode: (code: string) => void): Promise<Peer> {
    const link = parsePairingUrl(url);
    const never = new AbortController().signal;
    const channel = new HttpRendezvous({
      relay: link.relay,
      id: rendezvousIdOf(link.sessionKey),
      sender: parseRendezvousSender(randomBytes(16)),
      fetch,
      timers: systemTimers,
      random: randomBytes,
    });
    const after = (ms: number, stop: AbortSignal) =>
      new Promise<void>((resolve) => stop.addEventListener('abort', systemTimers.after(ms, resolve), { once: true }));
    const userKeys = [{ blob: this.key, comment: 'Work' }];
    const deps = { primitives: nodePrimitives, device: this.device, name: parseDeviceName(this.name), userKeys };
    const clock = { now: () => Date.now(), after };
    return (await runPhonePairing({ ...deps, clock }, link, channel, { onCode }, never)).peer;
  }

  /** Says it, the very same message so many times. */
  async say(host: Peer, content: Content, times = 1): Promise<void> {
    if (this.#client === undefined || this.#sealer === undefined) throw new Error('connect first');
    const body = await this.#sealer.seal([host], content);
    for (let i = 0; i < times; i += 1) this.#client.send(host.id, body);
  }

  here(change: { readonly name?: string; readonly keys?: readonly Uint8Array[] } = {}): Content {
    const keys = (change.keys ?? [this.key]).map((blob) => ({ blob, comment: 'Work' }));
    return { kind: 'here', name: parseDeviceName(change.name ?? this.name), software: 'test 1', keys };
  }

  leave(): void {
    this.#client?.close();
  }

  [Symbol.dispose](): void {
    this.leave();
  }
}
