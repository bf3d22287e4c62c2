/** Whole pairings over a channel in memory, each up to the one message that is fuzzed, outside its box or inside. */
import {
  boxKey,
  decodeCanonical,
  encodeCanonical,
  FormatError,
  openBox,
  type Primitives,
  sealAnonymous,
  sealBox,
} from '@palmkey/core/crypto';
import { parseDeviceName } from '@palmkey/core/devices';
import {
  type HostHooks,
  type PairingClock,
  PairingError,
  type PairingRecord,
  type RendezvousChannel,
  runPhonePairing,
  startHostPairing,
} from '@palmkey/core/pairing';
import { ed25519Blob } from '@palmkey/core/ssh';
import { PalmkeyError } from '@palmkey/envelope';
import { MAX_PAIRING_BYTES, type MessageName, revealSchema, schemas } from '../../../packages/core/src/pairing/wire.ts';
import { fixedAgreement, fixedBytes, fixedDevice, fixedPrimitives, sessionOf } from '../keys.ts';
import type { Target } from '../target.ts';

const [host, phone] = [fixedDevice('host'), fixedDevice('phone')];
const [hostName, phoneName] = [parseDeviceName('laptop'), parseDeviceName('Pixel 9')];
const agreement = fixedAgreement('pairing');
const link = { relay: 'https://relay.example.org', sessionKey: agreement.publicKey, hostName };
const userKeys = [{ blob: ed25519Blob(fixedBytes('user key')), comment: 'me' }];
const clock: PairingClock = { now: () => 1_800_000_000_000, after: () => new Promise(() => undefined) };
const never = new AbortController().signal;

/** The script is over: how a channel ends a pairing that waits for more. */
class ScriptEnd extends PalmkeyError {
  override readonly name = 'ScriptEnd';
  readonly code = 'script-end';
}

interface Line {
  /** How many messages the side under test posts before this one comes. */
  readonly afterPosts: number;
  readonly message: Uint8Array;
}

/** A rendezvous where the other side follows a script; `posted` is what the side under test said. */
class Script implements RendezvousChannel {
  readonly posted: Uint8Array[] = [];
  readonly #lines: Line[];
  #wake: () => void = () => undefined;

  constructor(lines: readonly Line[]) {
    this.#lines = [...lines];
  }

  post(message: Uint8Array): Promise<void> {
    this.posted.push(message);
    this.#wake();
    return Promise.resolve();
  }

  async next(signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const line = this.#lines[0];
      if (signal.aborted || line === undefined) throw new ScriptEnd('nothing more comes');
      if (line.afterPosts <= this.posted.length) {
        this.#lines.shift();
        return line.message;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

interface HostRun {
  readonly onCode?: () => Promise<string>;
  readonly onMet?: () => void;
}

function runHost(script: Script, { onCode, onMet }: HostRun, primitives: Primitives): Promise<PairingRecord> {
  const deps = { primitives, device: host, name: hostName, clock };
  const hooks: HostHooks = {
    onCode: onCode ?? (() => new Promise(() => undefined)),
    onProgress: ({ is }) => {
      if (is === 'met') onMet?.();
    },
  };
  return startHostPairing(deps, agreement, link).run(script, hooks, never);
}

function runPhone(script: Script, onCode: (code: string) => void): Promise<PairingRecord> {
  const deps = { primitives: fixedPrimitives('phone'), device: phone, name: phoneName, clock, userKeys };
  return runPhonePairing(deps, link, script, { onCode }, never);
}

/** The five messages of one pairing, each as posted, and its code. */
async function recorded() {
  const messages: Uint8Array[] = [];
  const waiting: { host: (() => void)[]; phone: (() => void)[] } = { host: [], phone: [] };
  const queues: { host: Uint8Array[]; phone: Uint8Array[] } = { host: [], phone: [] };
  const side = (own: 'host' | 'phone', other: 'host' | 'phone'): RendezvousChannel => ({
    post: (message) => {
      messages.push(message);
      queues[other].push(message);
      waiting[other].splice(0).forEach((wake) => wake());
      return Promise.resolve();
    },
    next: async (signal) => {
      for (;;) {
        if (signal.aborted) throw new ScriptEnd('over');
        const message = queues[own].shift();
        if (message) return message;
        await new Promise<void>((resolve) => {
          waiting[own].push(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    },
  });
  let tell: (code: string) => void = () => undefined;
  const code = new Promise<string>((resolve) => (tell = resolve));
  const deps = { primitives: fixedPrimitives('phone'), device: phone, name: phoneName, clock, userKeys };
  const hostDeps = { primitives: fixedPrimitives('host'), device: host, name: hostName, clock };
  await Promise.all([
    startHostPairing(hostDeps, agreement, link).run(side('host', 'phone'), { onCode: () => code }, never),
    runPhonePairing(deps, link, side('phone', 'host'), { onCode: tell }, never),
  ]);
  const [hello, meRequest, meResponse, paired, done] = messages;
  if (!hello || !meRequest || !meResponse || !paired || !done) throw new Error('a pairing of fewer than 5 messages');
  return { hello, meRequest, meResponse, paired, done, code: await code };
}

export async function pairingRunTargets(): Promise<readonly Target[]> {
  const { hello, meRequest, meResponse, paired, done, code } = await recorded();
  const key = boxKey(await agreement.sharedSecret(sessionOf('phone').publicKey));
  const boxed = (plaintext: Uint8Array) => sealBox(key, fixedBytes('nonce').slice(0, 24), plaintext);
  const opened = (message: Uint8Array) => openBox(key, message);

  const takesHello = async (message: Uint8Array): Promise<boolean> => {
    let met = false;
    await ended(
      runHost(new Script([{ afterPosts: 0, message }]), { onMet: () => (met = true) }, fixedPrimitives('host')),
    );
    return met;
  };
  const takesMeRequest = async (message: Uint8Array): Promise<boolean> => {
    let asked = false;
    await ended(runPhone(new Script([{ afterPosts: 1, message }]), () => (asked = true)));
    return asked;
  };
  const takesMeResponse = async (message: Uint8Array): Promise<boolean> => {
    let asked = false;
    const onCode = () => {
      asked = true;
      return new Promise<string>(() => undefined);
    };
    const script = new Script([
      { afterPosts: 0, message: hello },
      { afterPosts: 1, message },
    ]);
    await ended(runHost(script, { onCode }, fixedPrimitives('host')));
    return asked;
  };
  const takesPaired = async (message: Uint8Array): Promise<boolean> => {
    const script = new Script([
      { afterPosts: 1, message: meRequest },
      { afterPosts: 2, message },
    ]);
    return (await ended(runPhone(script, () => undefined))) !== null;
  };
  const takesDone = async (message: Uint8Array): Promise<boolean> => {
    const script = new Script([
      { afterPosts: 0, message: hello },
      { afterPosts: 1, message: meResponse },
      { afterPosts: 2, message },
    ]);
    return (await ended(runHost(script, { onCode: () => Promise.resolve(code) }, fixedPrimitives('host')))) !== null;
  };

  const authenticated = (name: string, seed: Uint8Array, takes: (bytes: Uint8Array) => Promise<boolean>): Target => ({
    name,
    kind: 'authenticated',
    share: 0.2,
    seeds: [seed],
    refusals: [],
    parse: async (bytes) => ((await takes(bytes)) ? bytes : null),
  });
  /** What only the other side can have boxed, but with values that are its to choose. */
  const chosen = (
    name: MessageName,
    seed: Uint8Array,
    takes: (bytes: Uint8Array) => Promise<boolean>,
    box: (plaintext: Uint8Array) => Uint8Array | Promise<Uint8Array>,
  ): Target => ({
    name: `pairing-${name}-inside`,
    kind: 'codec',
    share: 0.2,
    seeds: [seed],
    refusals: [],
    parse: async (plaintext) => {
      const taken = await takes(await box(plaintext));
      return taken ? encodeCanonical(decodeCanonical(plaintext, schemas[name], MAX_PAIRING_BYTES)) : null;
    },
  });
  const sealed = (plaintext: Uint8Array) => sealAnonymous(fixedPrimitives('sealing'), agreement.publicKey, plaintext);
  const reveal = decodeCanonical(opened(meResponse), schemas['me-response'], MAX_PAIRING_BYTES).reveal;
  const helloPlaintext = encodeCanonical({
    t: 'hello',
    v: 1,
    sessionKey: sessionOf('phone').publicKey,
    commitment: fixedBytes('commitment'),
  });
  const wire = Object.values(schemas);

  return [
    {
      name: 'pairing-messages',
      kind: 'codec',
      seeds: [
        helloPlaintext,
        ...[meRequest, meResponse, paired, done].map(opened),
        encodeCanonical({ t: 'abort', v: 1, reason: 'wrong-code' }),
      ],
      refusals: [FormatError],
      parse: (bytes) => {
        const read = wire.flatMap((schema) => readAs(bytes, schema));
        if (read.length === 0) throw new FormatError('none of the messages');
        if (read.length > 1) throw new Error('two messages at once');
        return encodeCanonical(read[0]);
      },
    },
    {
      name: 'pairing-reveal',
      kind: 'codec',
      seeds: [reveal],
      refusals: [FormatError],
      parse: (bytes) => encodeCanonical(decodeCanonical(bytes, revealSchema, MAX_PAIRING_BYTES)),
    },
    authenticated('pairing-hello', hello, takesHello),
    chosen('hello', helloPlaintext, takesHello, sealed),
    authenticated('pairing-me-request', meRequest, takesMeRequest),
    chosen('me-request', opened(meRequest), takesMeRequest, boxed),
    authenticated('pairing-me-response', meResponse, takesMeResponse),
    authenticated('pairing-me-response-inside', opened(meResponse), (plaintext) => takesMeResponse(boxed(plaintext))),
    authenticated('pairing-paired', paired, takesPaired),
    authenticated('pairing-paired-inside', opened(paired), (plaintext) => takesPaired(boxed(plaintext))),
    authenticated('pairing-done', done, takesDone),
    authenticated('pairing-done-inside', opened(done), (plaintext) => takesDone(boxed(plaintext))),
  ];
}

/** The record, or null where the pairing came to nothing as documented. */
async function ended(pairing: Promise<PairingRecord>): Promise<PairingRecord | null> {
  try {
    return await pairing;
  } catch (error) {
    if (error instanceof PairingError || error instanceof ScriptEnd) return null;
    throw error;
  }
}

function readAs(bytes: Uint8Array, schema: (typeof schemas)[MessageName]): readonly unknown[] {
  try {
    return [decodeCanonical(bytes, schema, MAX_PAIRING_BYTES)];
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}
