/** A member X and a new device Y that join over a hostile relay: everything else is what phones are made of. */
import { decodeLinks, encodeLinks, replay, type SignedLink } from '@palmkey/chain';
import { encodePerUserBox, encodePreviousSeed, type PerUserKey, sealPerUserBox } from '@palmkey/core/account';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { type DeviceKeys, publicDevice } from '@palmkey/core/devices';
import {
  confirmKex3,
  type Joined,
  joinAccount,
  KexError,
  kex2Session,
  type Kex3Secret,
  type KexSession,
  letDeviceIn,
  OneUse,
  ProvisioningError,
  type ProvisioneeDeps,
} from '@palmkey/core/provisioning';
import { wasmScrypt } from '@palmkey/core/scrypt';
import { type DeviceId, type Grant, parseRendezvousId, type RendezvousId } from '@palmkey/envelope';
import { fetchLinks, HttpRouter, RelayClient, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { onTestFinished } from 'vitest';
import { RelayChain } from '../../../apps/phone/src/engine/joining/relay-chain.ts';
import { fixedAccount } from '../../../packages/core/src/testing/fixed-account.ts';
import { fixedDevice } from '../../../packages/core/src/testing/fixed-keys.ts';
import { testRelay } from '../../../packages/relay/src/testing/test-relay.ts';
import { findForms } from '../canary.ts';
import { HostileRelay } from './hostile-relay.ts';
import { SkippableClock } from './skippable-clock.ts';
import { record } from './recording.ts';

const randomBytes = (length: number) => webPrimitives.randomBytes(length);
const never = new AbortController().signal;
/** Cheap to stretch, and as long as those that are not. */
const CHEAP_WORDS = 'abandon ability able about above absent absorb abstract four';
export const NAME = 'Canary of a name';

/** What the persons and the devices of one joining did. */
export interface JoiningLog {
  readonly asked: string[];
  readonly shown: string[];
  readonly signed: string[];
  saved: Joined | null;
  drops: number;
}

/** A device whose signatures are written down, by what they are for. */
function noting(device: DeviceKeys, signed: string[]): DeviceKeys {
  const { publicKey } = device.signer;
  const sign: DeviceKeys['signer']['sign'] = (message) => {
    signed.push(/^palmkey\/([a-z0-9-]+)\//.exec(String.fromCharCode(...message.subarray(0, 64)))?.[1] ?? '?');
    return device.signer.sign(message);
  };
  return { ...device, signer: { ...device.signer, publicKey, sign } };
}

/** A relay with an account of two generations, the hostile one before it, and its owner connected. */
export async function joiningStage() {
  const double = await HostileRelay.start();
  const real = await testRelay({ admission: 'open', origins: [double.url], rates: { postsPerMinute: 1_000 } });
  double.target = real.port;
  onTestFinished(async () => {
    await real.close();
    await double[Symbol.asyncDispose]();
  });
  const heard = record();
  double.use(heard.attack);
  const account = await fixedAccount('home', 2);
  const clock = new SkippableClock();
  const directly = `http://127.0.0.1:${real.port}`;
  const clientOf = (device: DeviceKeys, grant?: Grant) => connect(double.url, device, grant);
  const owner = clientOf(account.owner);
  await owner.connected();
  const { id, signer, agreement } = account.owner;
  const own = { ...publicDevice(signer.publicKey, agreement.publicKey), id };
  const perUserKey = lastOf(account.perUserKeys);
  const box = encodePerUserBox(await sealPerUserBox(webPrimitives, account.owner, own, perUserKey));
  const seeds = account.previousSeeds.map(encodePreviousSeed);
  await owner.chain.post({ prev: null, links: encodeLinks(account.links), boxes: [box], seeds });

  /** The chain as the real relay has it. */
  const links = async (from = directly): Promise<readonly SignedLink[]> => {
    const options = { relay: from, account: state.account, after: 0, fetch, timers: systemTimers };
    return decodeLinks((await fetchLinks(options)).links);
  };
  const state = await replay({ ...webPrimitives, sha256 }, account.links, null);
  const router = new HttpRouter({ relay: double.url, fetch, timers: systemTimers, random: randomBytes });
  const deps = { router, clock, randomBytes };

  /** One that wants to join, and what becomes of it. */
  const joining = async (name: string) => {
    const log: JoiningLog = { asked: [], shown: [], signed: [], saved: null, drops: 0 };
    const [x, y] = [noting(account.owner, log.signed), await fixedDevice(name)];
    const chain = new RelayChain({
      clock,
      fetchLinks: (of, signal) =>
        fetchLinks({ relay: double.url, account: of, after: 0, fetch, timers: systemTimers, signal }),
      connect: (grant) => clientOf(y, grant),
    });
    onTestFinished(() => chain.close());
    const store: ProvisioneeDeps['store'] = {
      save: (joined) => Promise.resolve(void (log.saved = joined)),
      drop: () => {
        log.saved = null;
        log.drops += 1;
        return Promise.resolve();
      },
    };
    const walk = (
      sessions: { readonly x: KexSession; readonly y: KexSession },
      onFailed: () => void = () => undefined,
    ) => {
      const atX = letDeviceIn(
        {
          ...deps,
          primitives: webPrimitives,
          device: x,
          state,
          perUserKey,
          names: ['First phone'],
          passphraseStream: null,
          newGrant: async () => {
            const grant = randomBytes(32);
            await owner.chain.grant(sha256(grant));
            return grant;
          },
          reserve: () => Promise.resolve(),
        },
        sessions.x,
        'x',
        { onAsk: ({ code }) => Promise.resolve(log.asked.push(code) > 0) },
        never,
      );
      const atY = joinAccount(
        { ...deps, primitives: webPrimitives, device: y, kind: 'phone', account: null, chain, store },
        sessions.y,
        'x',
        { onName: () => Promise.resolve(`${NAME} ${name}`), onCode: (code) => void log.shown.push(code) },
        never,
      );
      atX.catch(onFailed);
      atY.catch(onFailed);
      return Promise.all([outcome(atX), outcome(atY)]);
    };
    /** Meets by the cheap words, whose rendezvous X opens. */
    const byWords = async (words = CHEAP_WORDS) => {
      const session = (self: DeviceId) => kex2Session(new OneUse({ suite: 'kex2-v1', words }), null, self, wasmScrypt);
      const sessions = { x: await session(x.id), y: await session(y.id) };
      await owner.openRendezvous(sessions.x.rendezvous);
      return sessions;
    };
    return { log, x, y, chain, store, walk, byWords };
  };

  /** One side of kex3, at that rendezvous. */
  const kex3 = (
    side: 'x' | 'y',
    device: DeviceId,
    secret: OneUse<Kex3Secret>,
    rendezvous: RendezvousId,
    onPassedOver: (count: number) => void = () => undefined,
  ) =>
    confirmKex3(deps, {
      secret,
      rendezvous,
      identity: { side, device, account: side === 'x' ? state.account : null },
      meetMs: 60_000,
      signal: never,
      onPassedOver,
    });

  /** Words that may be in nothing that passed the relay, and the secrets' bytes. */
  const disclosed = (): string[] => {
    const passed = heard.bytes();
    const secrets = account.perUserKeys.flatMap(({ seed, symmetricKey }) => [seed, symmetricKey]);
    return [
      ...[NAME, 'First phone', CHEAP_WORDS.slice(0, 20)].filter((word) => findForms(word, passed).length > 0),
      ...secrets.filter((secret) => passed.includes(Buffer.from(secret))).map(() => 'a seed'),
    ];
  };
  const newRendezvous = async () => {
    const id = parseRendezvousId(randomBytes(32));
    await owner.openRendezvous(id);
    return id;
  };
  return {
    double,
    real,
    directly,
    account,
    state,
    owner,
    clock,
    router,
    links,
    joining,
    kex3,
    clientOf,
    disclosed,
    newRendezvous,
  };
}

/** A client of a device, begun. */
export function connect(relay: string, device: DeviceKeys, grant?: Grant): RelayClient {
  const client = new RelayClient({
    relay,
    device: { id: device.id, signer: device.signer, agreementPublicKey: device.agreement.publicKey },
    sockets: nodeSockets,
    timers: systemTimers,
    random: randomBytes,
    ...(grant && { grant }),
  });
  onTestFinished(() => client.close());
  client.start();
  return client;
}

/** `done`, or the code and the step of the failure. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof ProvisioningError) return `${error.code} @ ${error.step}`;
    if (error instanceof KexError) return `${error.code} @ meeting`;
    throw error;
  }
}

function lastOf(keys: readonly PerUserKey[]): PerUserKey {
  const last = keys.at(-1);
  if (last === undefined) throw new RangeError('no generation');
  return last;
}
