import type { ChainState } from '@palmkey/chain';
import { consentToHost } from '@palmkey/core/account';
import { sha256, webAgreement, webPrimitives, webSigner } from '@palmkey/core/crypto';
import type { DeviceKeys, Peer, PublicDevice } from '@palmkey/core/devices';
import { deviceKeys, parseDeviceName, publicDevice } from '@palmkey/core/devices';
import type { Content } from '@palmkey/core/messages';
import { MemoryReplayStore, MessageError, Opener, Sealer } from '@palmkey/core/messages';
import type { HostHooks, PairingLink, PairingRecord } from '@palmkey/core/pairing';
import { startHostPairing } from '@palmkey/core/pairing';
import type { Request } from '@palmkey/core/requests';
import { encodeRequest, parseRequestHash, requestHash } from '@palmkey/core/requests';
import type { DeviceId, SealedBody } from '@palmkey/envelope';
import { fromHex, sealedBody, toHex } from '@palmkey/envelope';
import type { Clock } from '../ports.ts';
import type { FakeRelay } from './fake-relay.ts';

/** Makes the keys of a device, as real as a browser's. */
export async function newDeviceKeys(): Promise<DeviceKeys> {
  const signing = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
  const agreement = await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
  if (!('privateKey' in agreement)) throw new TypeError('no pair');
  return deviceKeys(await webSigner(signing), await webAgreement(agreement));
}

/** A computer made of the real parts of core: it asks, and keeps what it hears. */
export class FakeHost {
  readonly device: DeviceKeys;
  readonly id: string;
  readonly name = parseDeviceName('laptop');
  /** What the phone said, oldest first; `received` aside. */
  readonly heard: Content[] = [];
  readonly received: string[] = [];
  /** How it answers when it is asked into an account. */
  enlists: 'agrees' | 'refuses' | 'silent' = 'silent';
  /** The chain whose head it tells with its messages. */
  chain: ChainState | null = null;
  /** Codes of messages that did not open. */
  readonly faults: string[] = [];
  #relay: FakeRelay;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  #phone: Peer | undefined;
  #last = Promise.resolve();

  private constructor(device: DeviceKeys, relay: FakeRelay, clock: { now(): number }) {
    this.device = device;
    this.id = toHex(device.id);
    this.#relay = relay;
    const primitives = webPrimitives;
    this.#sealer = new Sealer({ primitives, device, clock, chain: () => this.chain });
    const peers = {
      find: (id: DeviceId) => (this.#phone && toHex(this.#phone.id) === toHex(id) ? this.#phone : undefined),
    };
    this.#opener = new Opener({ primitives, device, role: 'asks', peers, replay: new MemoryReplayStore(), clock });
  }

  static async create(relay: FakeRelay, clock: { now(): number }): Promise<FakeHost> {
    return new FakeHost(await newDeviceKeys(), relay, clock);
  }

  get publicDevice(): PublicDevice {
    return publicDevice(this.device.signer.publicKey, this.device.agreement.publicKey);
  }

  know(phone: PublicDevice): void {
    this.#phone = { ...phone, name: parseDeviceName('phone'), role: 'decides' };
  }

  connect(): void {
    this.#relay.join(this.device.id, (_from, body) => {
      this.#last = this.#last.then(() => this.#receive(body));
    });
  }

  /** It is connected to another relay from now on. */
  moveTo(relay: FakeRelay): void {
    this.disconnect();
    this.#relay = relay;
    this.connect();
  }

  disconnect(): void {
    this.#relay.leave(this.device.id);
  }

  async say(content: Content): Promise<void> {
    if (this.#phone === undefined) throw new Error('not paired');
    this.#relay.carry(this.device.id, this.#phone.id, await this.#sealer.seal([this.#phone], content));
  }

  /** The sealed body of a content, for another way than the relay's. */
  seal(content: Content): Promise<SealedBody> {
    if (this.#phone === undefined) throw new Error('not paired');
    return this.#sealer.seal([this.#phone], content);
  }

  /** Hands the phone bytes that nobody sealed. */
  garble(bytes: Uint8Array): void {
    if (this.#phone === undefined) throw new Error('not paired');
    this.#relay.carry(this.device.id, this.#phone.id, sealedBody(bytes));
  }

  here(): Promise<void> {
    return this.say({ kind: 'here', name: this.name, software: 'palmkey/0.1.0', keys: null });
  }

  /** What a computer of version 2 says on each connection. */
  async greet(speaks: { from: number; to: number; answer?: boolean } = { from: 1, to: 2 }): Promise<void> {
    await this.say({ kind: 'speaks', ...speaks });
    await this.here();
  }

  /** The offsets that the phone wanted of a text. */
  wants(hash: string): number[] {
    return this.heard.flatMap((content) =>
      content.kind === 'want' && toHex(content.hash) === hash ? [content.from] : [],
    );
  }

  /** Asks; returns the request's hash, hexadecimal. */
  async ask(request: Request): Promise<string> {
    const bytes = encodeRequest(request);
    await this.say({ kind: 'ask', request: bytes });
    return toHex(requestHash(bytes));
  }

  /** Says what became of a request, and by which phone. */
  settle(hash: string, outcome: Extract<Content, { kind: 'settled' }>['outcome'], by: DeviceId | null = null) {
    return this.say({ kind: 'settled', hash: parseRequestHash(fromHex(hash)), outcome, by });
  }

  /** The decisions that came for a request. */
  decisions(hash: string): Extract<Content, { kind: 'decision' }>[] {
    return this.heard
      .filter((content) => content.kind === 'decision')
      .filter((content) => toHex(content.hash) === hash);
  }

  async pair(
    link: PairingLink,
    agreement: Parameters<typeof startHostPairing>[1],
    clock: Clock,
    hooks: HostHooks,
  ): Promise<PairingRecord> {
    const deps = { primitives: webPrimitives, device: this.device, name: this.name, clock };
    const pairing = startHostPairing(deps, agreement, link);
    const record = await pairing.run(this.#relay.meet(pairing.rendezvousId), hooks, new AbortController().signal);
    this.#phone = record.peer;
    return record;
  }

  async #answerEnlist({ account, link }: Extract<Content, { kind: 'enlist' }>): Promise<void> {
    if (this.enlists === 'silent' || this.#phone === undefined) return;
    const asked = { device: this.device, sender: this.#phone.id, account, state: this.#relay.chains.state };
    const reverseSig = this.enlists === 'agrees' ? await consentToHost(asked, link) : null;
    await this.say({ kind: 'consent', link: sha256(link), reverseSig });
  }

  async #receive(body: SealedBody): Promise<void> {
    try {
      const { content } = await this.#opener.open(body);
      if (content.kind === 'received') this.received.push(toHex(content.hash));
      else this.heard.push(content);
      if (content.kind === 'enlist') await this.#answerEnlist(content);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.faults.push(error.code);
    }
  }
}
