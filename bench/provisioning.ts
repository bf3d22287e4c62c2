/**
 * A device joins an account: from the secret in both devices' hands until it is on the chain, over a real relay on
 * loopback, nobody having to answer. Beside it the floor: the same scrypt or CPace of both, and as many trips over the
 * same relay with as many bytes. Both devices are this one process, so scrypt's two runs are one after the other.
 *
 * Both are also done where a trip to the relay takes {@link TRIP_MS}, as over a network: there the trips are what counts.
 *
 * Each round has an account of its own with one phone, as when somebody's second phone joins; how the cost grows with a
 * chain is `bench/chain`'s to say. Each suite has a relay of its own, and no more rounds than it lets one address make
 * without a pause: 10 numbers, 120 fetches of a chain and 600 looks at a rendezvous a minute.
 */
import { beginAccount, chainPost, type PerUserKey } from '@palmkey/core/account';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import {
  chooseWords,
  codeRendezvous,
  confirmKex3,
  joinAccount,
  kex2Session,
  type Kex3Secret,
  type KexSession,
  letDeviceIn,
  OneUse,
} from '@palmkey/core/provisioning';
import { wasmScrypt } from '@palmkey/core/scrypt';
import type { ChainState } from '@palmkey/chain';
import { type Grant, parseRendezvousId, parseRendezvousSender, type RendezvousId } from '@palmkey/envelope';
import { fetchLinks, HttpRouter, RelayClient, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { join } from 'node:path';
import { RelayChain } from '../apps/phone/src/engine/joining/relay-chain.ts';
import { makeDevice, openDevice } from '../apps/phone/src/keyring/device-keyring.ts';
import { startPalmkey } from '../e2e/lib/palmkey.ts';
import { freePort, tempFolder } from '../e2e/lib/temp.ts';
import { CpaceSide } from '../packages/core/src/crypto/cpace.ts';
import { cpaceInputs } from '../packages/core/src/provisioning/kex3-keys.ts';
import { farRelay } from './far-relay.ts';
import { type BenchOptions, median, type Row } from './rows.ts';

const POLL_MS = 25_000;
const MEET_MS = 60_000;
const MANY = '100000';
/** Over a network: there and back, ms. */
const TRIP_MS = 40;
/** Rounds over a network, where chance is small beside the trips. */
const FAR_ROUNDS = 5;
/** Rounds until what runs often is compiled. */
const WARM_UP = 15;
const never = new AbortController().signal;
const randomBytes = (length: number) => webPrimitives.randomBytes(length);
const clock = {
  now: () => Date.now(),
  after: (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => clearTimeout(timer));
    }),
};

/** What both sides do with the secret before the way begins; the floor does its arithmetic alone. */
interface Suite {
  readonly name: string;
  readonly sessions: (scene: Scene, y: DeviceKeys) => Promise<[KexSession, KexSession]>;
  readonly arithmetic: (scene: Scene, y: DeviceKeys) => Promise<void> | void;
  /** Orders of X for the rendezvous and its number. */
  readonly orders: number;
  /** Requests of Y for the number. */
  readonly requests: number;
  /** Rounds that count. */
  readonly rounds: number;
}

const suites: readonly Suite[] = [
  {
    name: 'kex3, number and three words',
    sessions: async (scene, y) => {
      const opened = parseRendezvousId(randomBytes(32));
      await open(scene, opened);
      const number = await scene.client.allocateNameplate(opened);
      const found = await scene.router.claimNameplate(number, never);
      return kex3(scene, y, { x: opened, y: found }, { how: 'words', words: chooseWords(3, randomBytes) });
    },
    arithmetic: () => cpace({ how: 'words', words: chooseWords(3, randomBytes) }),
    orders: 2,
    requests: 1,
    rounds: 9,
  },
  {
    name: 'kex3, QR code',
    sessions: async (scene, y) => {
      const bytes = randomBytes(32);
      const rendezvous = codeRendezvous(bytes);
      await open(scene, rendezvous);
      return kex3(scene, y, { x: rendezvous, y: rendezvous }, { how: 'code', bytes });
    },
    arithmetic: () => cpace({ how: 'code', bytes: randomBytes(32) }),
    orders: 1,
    requests: 0,
    rounds: 15,
  },
  kex2('kex2-v1', 8, 5),
  kex2('kex2-v2', 9, 15),
];

/** A relay in a process of its own, and a member X there. */
interface Scene {
  readonly origin: string;
  readonly x: DeviceKeys;
  readonly client: RelayClient;
  readonly perUserKey: PerUserKey;
  readonly router: HttpRouter;
  readonly state: ChainState;
  readonly names: readonly string[];
  /** What X has opened in this round. */
  readonly opened: RendezvousId[];
}

/** A message that one side has left for the other. */
interface Carried {
  readonly by: 'x' | 'y';
  readonly message: Uint8Array;
}

export async function provisioning({ quick, only, done, progress }: BenchOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  // What is compiled when it first runs falls on no case.
  const [, byCode] = suites;
  if (byCode && !quick) {
    progress('warm-up');
    await measure({ ...byCode, rounds: WARM_UP }, 0, () => undefined);
  }
  for (const tripMs of [0, TRIP_MS]) {
    for (const suite of suites.map((each) => at(each, tripMs)).filter(({ name }) => name.includes(only))) {
      const rounds = quick ? 1 : suite.rounds;
      const told = (round: number): void => progress(`${suite.name}, ${round} of ${rounds}`);
      rows.push(...(await measure({ ...suite, rounds }, tripMs, told)));
      done(rows);
    }
  }
  return rows;
}

/** The same with the relay so far away. */
function at(suite: Suite, tripMs: number): Suite {
  return tripMs === 0 ? suite : { ...suite, name: `${suite.name}, ${tripMs} ms away`, rounds: FAR_ROUNDS };
}

/** Ours and the floor take turns, so that what the machine does beside them falls on both. */
async function measure(suite: Suite, tripMs: number, told: (round: number) => void): Promise<Row[]> {
  using folder = tempFolder('palmkey-bench-');
  const port = await freePort();
  await using far = await farRelay(port, tripMs);
  const origin = `http://127.0.0.1:${tripMs === 0 ? port : far.port}`;
  const rates = ['--posts-per-minute', MANY, '--connections-per-minute', MANY];
  const flags = ['--port', String(port), '--public-url', origin, '--admission', 'open', ...rates];
  await using relay = startPalmkey(join(folder.path, 'relay'), 'relay', ...flags);
  await relay.prints(/palmkey up --relay/);
  const [ours, floor]: [number[], number[]] = [[], []];
  for (let round = 1; round <= suite.rounds; round += 1) {
    told(round);
    const scene = await openScene(origin);
    try {
      const [y, newcomer] = [await newDevice(`y ${round}`), await newDevice(`newcomer ${round}`)];
      const carried: Carried[] = [];
      ours.push(await timed(() => letIn(scene, suite, y, carried)));
      await tidy(scene);
      floor.push(await timed(() => carryBare(scene, suite, { y, newcomer }, carried)));
      await tidy(scene);
    } finally {
      scene.client.close();
    }
  }
  const row = { bench: 'provisioning', case: suite.name, metric: 'total_ms', unit: 'ms' };
  return [
    { ...row, subject: 'ours', value: median(ours) },
    { ...row, subject: 'floor', value: median(floor) },
  ];
}

async function openScene(origin: string): Promise<Scene> {
  const x = await newDevice('x');
  const client = clientOf(origin, x);
  await client.connected();
  const facts = { kind: 'phone', name: 'First phone' } as const;
  const act = await beginAccount({ primitives: webPrimitives, device: x, ctime: Date.now() }, facts);
  await client.chain.post(chainPost(act));
  const router = new HttpRouter({ relay: origin, fetch, timers: systemTimers, random: randomBytes });
  return { origin, x, client, perUserKey: act.perUserKey, router, state: act.after, names: [facts.name], opened: [] };
}

async function open({ client, opened }: Scene, rendezvous: RendezvousId): Promise<void> {
  opened.push(rendezvous);
  await client.openRendezvous(rendezvous);
}

/** A member closes its rendezvous when it has let somebody in. What the relay still had to do is done before it answers. */
async function tidy({ client, opened }: Scene): Promise<void> {
  for (const rendezvous of opened.splice(0)) await client.closeRendezvous(rendezvous, null);
}

/** The whole of it. */
async function letIn(scene: Scene, suite: Suite, y: DeviceKeys, carried: Carried[]): Promise<void> {
  const { origin, x, client, state, perUserKey, names } = scene;
  const common = { clock, randomBytes, primitives: webPrimitives };
  const chain = new RelayChain({
    clock,
    fetchLinks: (account, signal) => linksOf(origin, account, signal),
    connect: (grant) => clientOf(origin, y, grant),
  });
  const sessions = await suite.sessions(noting(scene, carried), y);
  const newGrant = async () => {
    const grant = randomBytes(32);
    await client.chain.grant(sha256(grant));
    return grant;
  };
  const own = { ...common, router: noting(scene, carried).router };
  await Promise.all([
    letDeviceIn(
      { ...own, device: x, state, perUserKey, names, passphraseStream: null, newGrant, reserve: nothing },
      sessions[0],
      'x',
      { onAsk: () => Promise.resolve(true) },
      never,
    ),
    joinAccount(
      { ...own, device: y, kind: 'phone', account: null, chain, store: { save: nothing, drop: nothing } },
      sessions[1],
      'x',
      { onName: () => Promise.resolve('Second phone'), onCode: () => undefined },
      never,
    ),
  ]);
  chain.close();
}

/**
 * The suite's arithmetic, then as many trips: what one side has left in a row goes at once, and a poll of the other waits
 * for it. Orders and requests are the cheapest that the relay has.
 */
async function carryBare(
  scene: Scene,
  suite: Suite,
  { y, newcomer }: Readonly<Record<'y' | 'newcomer', DeviceKeys>>,
  carried: readonly Carried[],
): Promise<void> {
  const { client, router, origin, state } = scene;
  await suite.arithmetic(scene, y);
  const rendezvous = parseRendezvousId(randomBytes(32));
  await open(scene, rendezvous);
  for (let order = 1; order < suite.orders + 1; order += 1) await client.chain.ask();
  for (let request = 0; request < suite.requests + 1; request += 1) await linksOf(origin, state.account, never);
  const senders = { x: parseRendezvousSender(randomBytes(16)), y: parseRendezvousSender(randomBytes(16)) };
  const last = { x: 0, y: 0 };
  const under: Promise<void>[] = [];
  for (let at = 0; at < carried.length;) {
    const by = carried[at]?.by ?? 'x';
    const to = by === 'x' ? 'y' : 'x';
    const next = carried.findIndex((each, i) => i > at && each.by !== by);
    const end = next < 0 ? carried.length : next;
    const first = last[by] + 1;
    const polled = router.get(rendezvous, senders[to], first, POLL_MS, never);
    const posts = carried
      .slice(at, end)
      .map(({ message }) => router.post(rendezvous, senders[by], ++last[by], message, never));
    // As soon as the other side has it, that goes on: whoever posted hears of it meanwhile.
    await polled;
    under.push(...posts);
    at = end;
  }
  await Promise.all(under);
  const connected = clientOf(origin, newcomer);
  await connected.connected();
  await connected.chain.ask();
  connected.close();
}

/** The same, with a note of what each side leaves at the rendezvous. */
function noting(scene: Scene, carried: Carried[]): Scene {
  const { router } = scene;
  const first: { sender: Uint8Array | null } = { sender: null };
  const noted = Object.assign(Object.create(router) as HttpRouter, {
    get: router.get.bind(router),
    claimNameplate: router.claimNameplate.bind(router),
    post: (...[rendezvous, sender, seqno, message, signal]: Parameters<HttpRouter['post']>) => {
      first.sender ??= sender;
      const by = Buffer.compare(first.sender, sender) === 0 ? 'x' : 'y';
      carried.push({ by, message });
      return router.post(rendezvous, sender, seqno, message, signal);
    },
  });
  return { ...scene, router: noted };
}

function kex2(suite: 'kex2-v1' | 'kex2-v2', count: number, rounds: number): Suite {
  const pair = async ({ x, state }: Scene, y: DeviceKeys): Promise<[KexSession, KexSession]> => {
    const words = chooseWords(count, randomBytes);
    const account = suite === 'kex2-v2' ? state.account : null;
    const of = ({ id }: DeviceKeys) => kex2Session(new OneUse({ suite, words }), account, id, wasmScrypt);
    return [await of(x), await of(y)];
  };
  return {
    name: `${suite}, ${count} words`,
    sessions: async (scene, y) => {
      const sessions = await pair(scene, y);
      await open(scene, sessions[0].rendezvous);
      return sessions;
    },
    arithmetic: async (scene, y) => {
      await pair(scene, y);
    },
    orders: 1,
    requests: 0,
    rounds,
  };
}

async function kex3(
  { x, state, router }: Scene,
  y: DeviceKeys,
  rendezvous: { readonly x: RendezvousId; readonly y: RendezvousId },
  secret: Kex3Secret,
): Promise<[KexSession, KexSession]> {
  const side = ({ id: device }: DeviceKeys, of: 'x' | 'y') =>
    confirmKex3(
      { router, clock, randomBytes },
      {
        secret: new OneUse(secret),
        rendezvous: rendezvous[of],
        identity: { side: of, device, account: of === 'x' ? state.account : null },
        meetMs: MEET_MS,
        signal: never,
      },
    );
  return Promise.all([side(x, 'x'), side(y, 'y')]);
}

function cpace(secret: Kex3Secret): void {
  const inputs = cpaceInputs(secret, parseRendezvousId(randomBytes(32)));
  const [x, y] = [new CpaceSide(inputs, randomBytes), new CpaceSide(inputs, randomBytes)];
  if (Buffer.compare(x.agree(y.share), y.agree(x.share)) !== 0) throw new Error('two sides that do not agree');
}

function clientOf(relay: string, device: DeviceKeys, grant?: Grant): RelayClient {
  const client = new RelayClient({
    relay,
    device: { id: device.id, signer: device.signer, agreementPublicKey: device.agreement.publicKey },
    sockets: nodeSockets,
    timers: systemTimers,
    random: randomBytes,
    ...(grant && { grant }),
  });
  client.start();
  return client;
}

function linksOf(relay: string, account: ChainState['account'], signal: AbortSignal) {
  return fetchLinks({ relay, account, after: 0, fetch, timers: systemTimers, signal });
}

async function newDevice(name: string): Promise<DeviceKeys> {
  return openDevice(await makeDevice(name, 0));
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
