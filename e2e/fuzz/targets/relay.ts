/** The relay itself, without its sockets: who is let in, what a connection does with a frame, what HTTP takes. */
import {
  coalescingKeyOf,
  concat,
  connectMessage,
  encodeAuthenticate,
  encodeControlFrame,
  encodeFrame,
  FrameError,
  FrameType,
  overwriteDelivery,
  parseAuthenticate,
  parseChallenge,
  parseConnectNonce,
  parseFrame,
  parseRendezvousId,
  signedBytes,
  toBase64Url,
  type ConnectNonce,
} from '@palmkey/envelope';
import { pino } from 'pino';
import { LocalBus } from '../../../packages/relay/src/bus/local-bus.ts';
import { buildHttpServer } from '../../../packages/relay/src/http/http-server.ts';
import { LineHall } from '../../../packages/relay/src/http/line-hall.ts';
import { defaultRates, limits } from '../../../packages/relay/src/limits.ts';
import { Meter } from '../../../packages/relay/src/metrics/meter.ts';
import { Membership } from '../../../packages/relay/src/membership.ts';
import { Journal } from '../../../packages/relay/src/post/journal.ts';
import { LocalPostOffice } from '../../../packages/relay/src/post/local-post-office.ts';
import { openPush } from '../../../packages/relay/src/push/open-push.ts';
import type { RendezvousHall } from '../../../packages/relay/src/rendezvous.ts';
import { Connection } from '../../../packages/relay/src/socket/connection.ts';
import { Entrance } from '../../../packages/relay/src/socket/entrance.ts';
import { Switchboard } from '../../../packages/relay/src/socket/switchboard.ts';
import { openDatabase, type Database } from '../../../packages/relay/src/store/database.ts';
import { fixedBytes, fixedDevice } from '../keys.ts';
import { type Target, utf8 } from '../target.ts';

const ORIGIN = 'https://relay.example.org';
const device = fixedDevice('member');
const keys = { signingKey: device.signer.publicKey, agreementKey: device.agreement.publicKey };
const logger = pino({ level: 'silent' });
const rendezvous = parseRendezvousId(fixedBytes('rendezvous'));

/** A clock that moves a second each time it is asked, and whose timers never run out. */
function patientClock() {
  let now = 1_800_000_000_000;
  return { now: () => (now += 1_000), steady: () => now, after: () => () => undefined };
}

async function authentication(serverNonce: ConnectNonce): Promise<Uint8Array> {
  const clientNonce = parseConnectNonce(fixedBytes('client nonce'));
  const message = signedBytes('relay-connect', connectMessage(serverNonce, clientNonce, device.id, ORIGIN));
  return encodeAuthenticate({ clientNonce, ...keys, signature: await device.signer.sign(message), origin: ORIGIN });
}

/** Who belongs to the relay, and where they meet, over a store. */
function membershipOver(database: Database): Membership {
  return new Membership({
    options: { host: '127.0.0.1', port: 0, origins: [ORIGIN], admission: 'members', store: ':memory:', logger },
    database,
    clock: patientClock(),
    origins: () => [ORIGIN],
    announce: () => undefined,
    onAccountChanged: () => undefined,
  });
}

/** The answer of a connection that was let in, and only then given the frame. */
async function connectionAnswer(database: Database, frame: Uint8Array): Promise<Uint8Array | null> {
  const clock = patientClock();
  const { admission, devices, desk, chains, hall } = membershipOver(database);
  const post = await LocalPostOffice.open({
    clock,
    epoch: 1,
    journal: new Journal({ database, clock, logger, longestMs: 3_600_000 }),
    mailbox: limits.mailbox,
    totalBytes: limits.mailTotalBytes,
    events: { onExpired: () => undefined, onNewEpoch: () => undefined },
  });
  const push = await openPush({ options: undefined, database, reads: () => Promise.resolve(false), clock, logger });
  const pushed: Uint8Array[] = [];
  let wake: () => void = () => undefined;
  const wire = {
    address: '127.0.0.1',
    waitingBytes: 0,
    push: (bytes: Uint8Array) => {
      pushed.push(bytes);
      wake();
    },
    end: () => undefined,
  };
  const answer = async (sent: number) => {
    while (pushed.length <= sent) await new Promise<void>((resolve) => (wake = resolve));
    return parseFrame(pushed[sent] ?? new Uint8Array(0));
  };
  const connection = new Connection(
    wire,
    new Switchboard({
      clock,
      admission,
      hall,
      devices,
      accountOrders: desk,
      pushOrders: push.orders,
      chainOrders: chains,
      bus: new LocalBus(),
      logger,
      meter: new Meter(),
      rates: defaultRates,
      mailLifetimeS: 3_600,
      post,
    }),
  );
  const nonce = parseChallenge((await answer(0)).body);
  connection.receive(Buffer.from(encodeControlFrame(FrameType.authenticate, 0, await authentication(nonce))));
  const admitted = await answer(1);
  if (admitted.type !== FrameType.admitted) throw new Error('a member was not admitted');
  connection.receive(Buffer.from(frame));
  // A sound one of these is not answered.
  if (unanswered.has(frame[1] ?? 0)) {
    connection.gone();
    return null;
  }
  const { type } = await answer(2);
  connection.gone();
  const forwarded = pushed[2];
  if (type === FrameType.unicast && forwarded) {
    const back = forwarded.slice();
    overwriteDelivery(back, coalescingKeyOf(frame));
    return back;
  }
  return type === FrameType.done ? frame : null;
}

const unanswered: ReadonlySet<number> = new Set([FrameType.broadcast, FrameType.ack, FrameType.resume]);

const toItself = (number: number, body: Uint8Array) =>
  encodeFrame({ type: FrameType.unicast, lifetimeS: 0, number, peer: device.id, coalescingKey: 0, body });

async function httpTarget(): Promise<Target> {
  const database = await openDatabase(':memory:');
  const hall = async () => {
    const opened = membershipOver(database).hall;
    await opened.open(rendezvous, device.id);
    return opened;
  };
  let taken = '';
  // One server for all inputs; the rendezvous behind it is opened anew for each.
  let current = await hall();
  const door = new Proxy(current, {
    get: (_, name) => {
      if (name !== 'post') return Reflect.get(current, name) as unknown;
      return (...[id, message]: Parameters<RendezvousHall['post']>) => {
        const { sender, seqno, msg } = message;
        taken = JSON.stringify({ sender: toBase64Url(sender), seqno, msg: toBase64Url(msg) });
        return current.post(id, message);
      };
    },
  });
  const connection = {
    receive: () => undefined,
    fail: () => undefined,
    gone: () => undefined,
    drained: () => undefined,
  };
  const lines = new LineHall({
    clock: patientClock(),
    connect: () => connection,
    entrance: new Entrance({ clock: patientClock(), rates: defaultRates, maxConnections: 1 }),
  });
  const status = {
    meter: new Meter(),
    gauges: { connections: () => 0, devices: () => 0, mailBytes: () => null, busConnected: () => null },
    waitsFor: () => Promise.resolve([]),
    metricsToken: undefined,
  };
  const app = await buildHttpServer({
    hall: door,
    chains: membershipOver(database).chains,
    postsPerMinute: defaultRates.postsPerMinute,
    lines,
    status,
    logger,
    facts: { admission: ['invitation'], own: false, pushKey: null },
    github: null,
    appDir: undefined,
    trustProxy: false,
    isDraining: () => false,
  });
  await app.ready();
  let request = 0;
  const post = (seqno: number, msg: Uint8Array) =>
    utf8(JSON.stringify({ sender: toBase64Url(fixedBytes('sender').slice(0, 16)), seqno, msg: toBase64Url(msg) }));
  return {
    name: 'relay-http-post',
    kind: 'lenient',
    share: 0.2,
    seeds: [post(1, new Uint8Array(0)), post(2, fixedBytes('m')), post(3, concat(fixedBytes('a'), fixedBytes('b')))],
    refusals: [],
    parse: async (bytes) => {
      await current.close(rendezvous, device.id, null);
      current = await hall();
      request++;
      const { statusCode } = await app.inject({
        method: 'POST',
        url: `/v1/rendezvous/${toBase64Url(rendezvous)}`,
        headers: { 'content-type': 'application/json' },
        payload: Buffer.from(bytes),
        // Each from another address: posts are counted by it.
        remoteAddress: `10.${(request >> 16) & 255}.${(request >> 8) & 255}.${request & 255}`,
      });
      if (statusCode === 201) return utf8(taken);
      if (statusCode === 400 || statusCode === 413) return null;
      throw new Error(`answered with ${statusCode}`);
    },
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}

export async function relayTargets(): Promise<readonly Target[]> {
  const database = await openDatabase(':memory:');
  const membership = membershipOver(database);
  const { admission } = membership;
  await admission.admit(keys);
  const serverNonce = parseConnectNonce(fixedBytes('server nonce'));
  return [
    {
      name: 'relay-admission',
      kind: 'authenticated',
      share: 0.5,
      seeds: [await authentication(serverNonce)],
      refusals: [FrameError],
      parse: async (bytes) => {
        const shown = parseAuthenticate(bytes);
        const { is } = await admission.judge(serverNonce, shown, '127.0.0.1');
        // A grant is not signed: whoever holds it may use it, and a member does not need it.
        return is === 'admitted' && shown.grant === undefined ? bytes : null;
      },
    },
    {
      name: 'relay-connection',
      kind: 'codec',
      share: 0.2,
      seeds: [
        toItself(1, fixedBytes('body')),
        toItself(Number.MAX_SAFE_INTEGER, new Uint8Array(0)),
        encodeControlFrame(FrameType.rendezvousOpen, 2, rendezvous),
        encodeControlFrame(FrameType.forgetDevice, 3, fixedBytes('device').slice(0, 16)),
      ],
      refusals: [],
      parse: (bytes) => connectionAnswer(database, bytes),
      close: () => database.close(),
    },
    await httpTarget(),
  ];
}
