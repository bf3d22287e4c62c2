/** What a relay, or whoever stands at its address, says to a device. */
import {
  encodeAdmitted,
  encodeChallenge,
  encodeControlFrame,
  encodeFrame,
  encodeRelayError,
  type Frame,
  FrameType,
  parseConnectNonce,
  parseRendezvousId,
  parseRendezvousSender,
  RelayError,
  toBase64Url,
} from '@palmkey/envelope';
import { HttpRendezvous, RelayClientError } from '@palmkey/relay-client';
import { Connection } from '../../../packages/relay-client/src/connection.ts';
import type { SocketEvents } from '../../../packages/relay-client/src/ports.ts';
import { fixedBytes, fixedDevice } from '../keys.ts';
import { type Target, utf8 } from '../target.ts';

const keys = fixedDevice('member');
const device = { id: keys.id, signer: keys.signer, agreementPublicKey: keys.agreement.publicKey };
const peer = fixedDevice('peer').id;
const challenge = encodeControlFrame(
  FrameType.challenge,
  0,
  encodeChallenge(parseConnectNonce(fixedBytes('server nonce'))),
);
const admission = encodeControlFrame(
  FrameType.admitted,
  0,
  encodeAdmitted({ deviceId: device.id, maxBodyBytes: 65_536, relayTime: 1_800_000_000_000 }),
);

/** The frame that the client takes from a relay that admitted it; null where it ends the connection. */
async function takenFrame(bytes: Uint8Array): Promise<Uint8Array | null> {
  const socket: { events?: SocketEvents } = {};
  let answered: () => void = () => undefined;
  const authenticated = new Promise<void>((resolve) => (answered = resolve));
  const seen: { frame: Frame | null } = { frame: null };
  const sockets = {
    connect: (_url: string, given: SocketEvents) => {
      socket.events = given;
      return { send: () => answered(), close: () => undefined };
    },
  };
  const random = (length: number) => fixedBytes('random').slice(0, length);
  const options = { relay: 'https://relay.example.org', device, sockets, random, grant: undefined };
  new Connection(options, {
    onAdmitted: () => undefined,
    onFrame: (frame) => (seen.frame = frame),
    onEnd: () => undefined,
  });
  const onMessage = (frame: Uint8Array) => socket.events?.onMessage(frame);
  onMessage(challenge);
  await authenticated;
  onMessage(admission);
  onMessage(bytes);
  return seen.frame === null ? null : encodeFrame(seen.frame);
}

const sender = (name: string) => toBase64Url(fixedBytes(name).slice(0, 16));
const listed = (messages: readonly { sender: string; seqno: number; msg: string }[]) =>
  utf8(JSON.stringify({ messages }));

/** The messages of one answer of a rendezvous, as an answer with nothing else in it. */
async function messagesIn(bytes: Uint8Array): Promise<Uint8Array | null> {
  const over = new AbortController();
  let polls = 0;
  const rendezvous = new HttpRendezvous({
    relay: 'https://relay.example.org',
    id: parseRendezvousId(fixedBytes('rendezvous')),
    sender: parseRendezvousSender(fixedBytes('own').slice(0, 16)),
    fetch: () => {
      polls++;
      if (polls > 1) over.abort(new RelayClientError('closed'));
      return Promise.resolve(new Response(new Uint8Array(bytes)));
    },
    timers: {
      now: () => 0,
      after: () => {
        // The first timer is the first request's; any later one waits to ask again.
        if (polls > 0) over.abort(new RelayClientError('closed'));
        return () => undefined;
      },
    },
    random: (length) => fixedBytes('backoff').slice(0, length),
  });
  const found: Uint8Array[] = [];
  try {
    for (;;) found.push(await rendezvous.next(over.signal));
  } catch (error) {
    if (found.length === 0) throw error;
  }
  return listed(found.map((msg, i) => ({ sender: sender('peer'), seqno: i + 1, msg: toBase64Url(msg) })));
}

export const relayClientTargets: readonly Target[] = [
  {
    name: 'client-connection',
    kind: 'codec',
    share: 0.3,
    seeds: [
      encodeFrame({
        type: FrameType.unicast,
        lifetimeS: 0,
        number: 1,
        peer,
        coalescingKey: 0,
        body: fixedBytes('body'),
      }),
      encodeControlFrame(FrameType.done, 7, new Uint8Array(0)),
      encodeFrame({
        type: FrameType.error,
        lifetimeS: 0,
        number: 2,
        peer,
        coalescingKey: 0,
        body: encodeRelayError({ code: 'absent', retryAfterMs: 0 }),
      }),
    ],
    refusals: [],
    parse: takenFrame,
  },
  {
    name: 'client-rendezvous',
    kind: 'lenient',
    share: 0.5,
    seeds: [
      listed([{ sender: sender('peer'), seqno: 1, msg: toBase64Url(fixedBytes('m')) }]),
      listed([
        { sender: sender('peer'), seqno: 1, msg: '' },
        { sender: sender('other'), seqno: 1, msg: 'AAAA' },
        { sender: sender('peer'), seqno: 2, msg: 'AA' },
      ]),
    ],
    refusals: [RelayClientError, RelayError],
    parse: messagesIn,
  },
];
