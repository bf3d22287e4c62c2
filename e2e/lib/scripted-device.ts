/** A device without screens: speaks as a phone does, or not as one should. */
import { webAgreement, webPrimitives, webSigner } from '@palmkey/core/crypto';
import { type DeviceKeys, deviceKeys, parseDeviceName } from '@palmkey/core/devices';
import {
  type PairingProgress,
  type PairingRecord,
  parsePairingUrl,
  rendezvousIdOf,
  runPhonePairing,
} from '@palmkey/core/pairing';
import { parseRendezvousSender, type RendezvousId } from '@palmkey/envelope';
import { HttpRendezvous, RelayClient, type Socket, type SocketPort, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { webClock } from '../../apps/phone/src/engine/web-clock.ts';

const { subtle } = globalThis.crypto;

/** Device keys of its own. */
export async function makeDevice(): Promise<DeviceKeys> {
  const signing = await subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
  const agreement = await subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
  return deviceKeys(await webSigner(signing), await webAgreement(agreement));
}

/** Its connection to a relay, begun; `socket` is the newest, for sending what no client sends. */
export function connectDevice(relay: string, device: DeviceKeys, grant?: RendezvousId) {
  let socket: Socket | undefined;
  const sockets: SocketPort = { connect: (url, events) => (socket = nodeSockets.connect(url, events)) };
  const { id, signer, agreement } = device;
  const client = new RelayClient({
    relay,
    device: { id, signer, agreementPublicKey: agreement.publicKey },
    sockets,
    timers: systemTimers,
    random: (length) => webPrimitives.randomBytes(length),
    ...(grant === undefined ? {} : { grant }),
  });
  client.start();
  return { client, send: (bytes: Uint8Array) => socket?.send(bytes) };
}

export interface Squatter {
  /** Resolves once its first message is at the relay. */
  readonly arrived: Promise<void>;
  /** What becomes of its pairing. */
  readonly result: Promise<PairingRecord>;
  leave(): void;
}

/** Somebody who saw the link and uses it as a phone would. */
export function squat(url: string, device: DeviceKeys, name: string): Squatter {
  const link = parsePairingUrl(url);
  const over = new AbortController();
  const channel = new HttpRendezvous({
    relay: link.relay,
    id: rendezvousIdOf(link.sessionKey),
    sender: parseRendezvousSender(webPrimitives.randomBytes(16)),
    fetch,
    timers: systemTimers,
    random: (length) => webPrimitives.randomBytes(length),
  });
  const deps = { primitives: webPrimitives, device, name: parseDeviceName(name), clock: webClock, userKeys: [] };
  let hasArrived: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (hasArrived = resolve));
  const onProgress = ({ is }: PairingProgress) => {
    if (is === 'waiting') hasArrived();
  };
  const result = runPhonePairing(deps, link, channel, { onCode: () => undefined, onProgress }, over.signal);
  result.catch(() => undefined);
  const arrived = Promise.race([first, result.then(() => undefined)]);
  arrived.catch(() => undefined);
  return { arrived, result, leave: () => over.abort() };
}
