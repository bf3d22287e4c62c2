/** A phone without screens: paired like any other, with a key of its own, and decides as the script says. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { encodeCanonical, webPrimitives } from '@palmkey/core/crypto';
import { parseDeviceName } from '@palmkey/core/devices';
import { gitSignedData } from '@palmkey/core/git';
import { type Content, MemoryReplayStore, Opener, Sealer } from '@palmkey/core/messages';
import { parsePairingUrl, rendezvousIdOf, runPhonePairing } from '@palmkey/core/pairing';
import { type Answer, parseRequest, type Protocols, type Request, requestHash } from '@palmkey/core/requests';
import { authorizedKeysLine, ed25519Blob, encodeSshSignature } from '@palmkey/core/ssh';
import { parseRendezvousSender, type PushRegistration, sealedBody, toHex } from '@palmkey/envelope';
import { HttpRendezvous, systemTimers } from '@palmkey/relay-client';
import { webClock } from '../../apps/phone/src/engine/web-clock.ts';
import { startPalmkey } from './palmkey.ts';
import { connectDevice, makeDevice } from './scripted-device.ts';

/** `text`: the whole of what a `git-sign` is about. Null says nothing. */
export type Decide = (request: Request, text: Uint8Array | null) => 'approve' | Answer | null;

export interface ScriptedPhone extends Disposable {
  readonly name: string;
  /** The line for authorized_keys. */
  readonly keyLine: string;
  /** What it was asked, in order; the same request once. */
  readonly asked: readonly Request[];
  /** How what it was asked has ended. */
  readonly outcomes: readonly string[];
  /** Requests that its version does not know. */
  readonly foreign: number;
  decide: Decide;
  /** Resolves once it was asked so many things, ever. */
  askedOften(times: number): Promise<void>;
  /** Resolves once that many requests have ended. */
  settledOften(times: number): Promise<void>;
  leave(): void;
  /** Has its relay wake it there from now on. Call it while it is connected. */
  wakeMeAt(registration: PushRegistration): Promise<void>;
  /** Opens a sealed body that came by push; throws what a phone would refuse. */
  open(body: Uint8Array): Promise<Content>;
  /** Connects (again) and says who it is. */
  connect(): Promise<void>;
}

export interface ScriptedPhoneOptions {
  readonly name: string;
  /** What it says that it speaks; null: it is from before versions were said. */
  readonly speaks?: Protocols | null;
}

const random = (length: number) => webPrimitives.randomBytes(length);

/** Pairs with the computer on `home`, whose daemon runs, and connects. */
export async function pairScriptedPhone(home: string, options: ScriptedPhoneOptions): Promise<ScriptedPhone> {
  const { name } = options;
  const speaks = options.speaks === undefined ? { from: 1, to: 2 } : options.speaks;
  const device = await makeDevice();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = ed25519Blob(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  const keys = [{ blob: key, comment: name }];
  await using pairing = startPalmkey(home, 'pair');
  const [url] = await pairing.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
  const link = parsePairingUrl(url);
  const grant = rendezvousIdOf(link.sessionKey);
  const channel = new HttpRendezvous({
    relay: link.relay,
    id: grant,
    sender: parseRendezvousSender(random(16)),
    fetch,
    timers: systemTimers,
    random,
  });
  const deps = { primitives: webPrimitives, device, name: parseDeviceName(name), clock: webClock, userKeys: keys };
  const onCode = (code: string) => pairing.write(`${code}\n`);
  // The relay lets it in by the link, and keeps it because the computer says so in the end.
  const first = connectDevice(link.relay, device, grant);
  await first.client.connected(AbortSignal.timeout(10_000));
  const { peer } = await runPhonePairing(deps, link, channel, { onCode }, new AbortController().signal);
  await pairing.ended();
  first.client.close();

  const common = { primitives: webPrimitives, device, clock: webClock };
  const sealer = new Sealer(common);
  const opener = new Opener({
    ...common,
    role: 'decides',
    peers: { find: () => peer },
    replay: new MemoryReplayStore(),
  });
  const asked: Request[] = [];
  const outcomes: string[] = [];
  const answered = new Map<string, Answer | null>();
  const texts = new Map<string, Map<number, Uint8Array>>();
  const waiting = new Set<() => void>();
  const heard = () => {
    for (const look of waiting) look();
  };
  let line: ReturnType<typeof connectDevice> | undefined;
  let foreign = 0;
  let tail = Promise.resolve();

  const say = async (content: Content) => {
    const body = await sealer.seal([peer], content);
    if (line?.client.state.is === 'connected') line.client.send(peer.id, body);
  };
  const signed = async (request: Request, text: Uint8Array | null): Promise<Uint8Array> => {
    if (request.kind === 'ping') return new Uint8Array(0);
    const data = request.kind === 'git-sign' ? await gitSignedData(text ?? new Uint8Array(0)) : request.data;
    return encodeSshSignature('ssh-ed25519', new Uint8Array(sign(null, data, privateKey)));
  };

  const self: ScriptedPhone = {
    name,
    keyLine: authorizedKeysLine(key, name),
    asked,
    outcomes,
    get foreign() {
      return foreign;
    },
    decide: () => 'approve',
    askedOften: (times) => until(() => asked.length >= times),
    settledOften: (times) => until(() => outcomes.length >= times),
    leave: () => line?.client.close(),
    wakeMeAt: (registration) => line?.client.pushRegister(registration) ?? Promise.reject(new Error('not connected')),
    open: async (body) => (await opener.open(sealedBody(body))).content,
    connect: async () => {
      line?.client.close();
      const next = connectDevice(link.relay, device);
      line = next;
      next.client.onBody((_from, body) => {
        tail = tail
          .then(
            async () => {
              const { content } = await opener.open(body);
              await take(content);
            },
            () => undefined,
          )
          .catch(() => undefined);
      });
      next.client.onState(({ is }) => {
        if (is === 'connected' && line === next) void greet();
      });
      await next.client.connected(AbortSignal.timeout(10_000));
    },
    [Symbol.dispose]: () => line?.client.close(),
  };
  await self.connect();
  return self;

  async function greet(isAnswer = false): Promise<void> {
    if (speaks !== null) await say({ kind: 'speaks', ...speaks, ...(isAnswer && { answer: true }) });
    await say({ kind: 'here', name: parseDeviceName(name), software: `scripted ${speaks?.to ?? 1}`, keys });
  }

  function until(found: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!found()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  }

  async function take(content: Content): Promise<void> {
    switch (content.kind) {
      case 'ask':
        return ask(content.request);
      case 'part':
        return part(content);
      case 'settled':
        outcomes.push(content.outcome);
        heard();
        return;
      case 'speaks':
        // A computer that begins anew; its `here` adds nothing that a script needs.
        return content.answer === true ? undefined : greet(true);
      default:
        return;
    }
  }

  async function ask(bytes: Uint8Array): Promise<void> {
    const hash = requestHash(bytes);
    const id = toHex(hash);
    const request = parseRequest(bytes);
    const isNew =
      speaks === null && (request.kind === 'git-sign' || ('origin' in request && 'directory' in request.origin));
    if (isNew || (speaks !== null && speaks.from > 2)) foreign += 1;
    if (isNew) return say({ kind: 'decision', hash, answer: { is: 'refuse', code: 'unparsable', skew: null } });
    await say({ kind: 'received', hash });
    const before = answered.get(id);
    if (before != null) return say({ kind: 'decision', hash, answer: before });
    if (before === undefined) {
      answered.set(id, null);
      asked.push(request);
      heard();
    }
    if (request.kind === 'git-sign' && request.object.is === 'parts') {
      texts.set(id, texts.get(id) ?? new Map<number, Uint8Array>());
      return want(hash, request);
    }
    const text = request.kind === 'git-sign' && request.object.is === 'whole' ? request.object.bytes : null;
    return answer(hash, request, text);
  }

  function have(id: string): number {
    return [...(texts.get(id) ?? [])].reduce((sum, [, bytes]) => sum + bytes.length, 0);
  }

  function want(hash: ReturnType<typeof requestHash>, _request: Request): Promise<void> {
    return say({ kind: 'want', hash, from: have(toHex(hash)) });
  }

  async function part({ hash, from, bytes }: Extract<Content, { kind: 'part' }>): Promise<void> {
    const id = toHex(hash);
    texts.get(id)?.set(from, bytes);
    const request = asked.find((each) => toHex(requestHash(encodeCanonical(each))) === id);
    if (request?.kind !== 'git-sign' || request.object.is !== 'parts') return;
    if (have(id) < request.object.size) return want(hash, request);
    const parts = [...(texts.get(id) ?? [])].sort(([a], [b]) => a - b).map(([, each]) => each);
    await answer(hash, request, new Uint8Array(Buffer.concat(parts)));
  }

  async function answer(
    hash: ReturnType<typeof requestHash>,
    request: Request,
    text: Uint8Array | null,
  ): Promise<void> {
    const decision = self.decide(request, text);
    if (decision === null) return;
    const given: Answer = decision === 'approve' ? { is: 'approve', signature: await signed(request, text) } : decision;
    answered.set(toHex(hash), given);
    await say({ kind: 'decision', hash, answer: given });
  }
}
