import {
  connectMessage,
  encodeAuthenticate,
  encodeControlFrame,
  equal,
  FrameError,
  FrameType,
  parseAdmitted,
  parseChallenge,
  parseConnectNonce,
  RELAY_PROTOCOL,
  type Admitted,
  type AgreementPublicKey,
  type DeviceId,
  type Frame,
  type Grant,
} from '@palmkey/envelope';
import { sign, type Signer } from '@palmkey/core/crypto';

/** The device that connects. */
export interface RelayDevice {
  readonly id: DeviceId;
  readonly signer: Signer;
  readonly agreementPublicKey: AgreementPublicKey;
}

/** Answers a challenge (spec/relay.md, "Connecting"); the frame to send. Throws `FrameError`. */
export async function answerChallenge(
  challenge: Frame,
  device: RelayDevice,
  origin: string,
  grant: Grant | undefined,
  random: (length: number) => Uint8Array,
): Promise<Uint8Array> {
  if (challenge.type !== FrameType.challenge) throw new FrameError('bad-frame', 'no challenge');
  const serverNonce = parseChallenge(challenge.body);
  const clientNonce = parseConnectNonce(random(32));
  const message = connectMessage(serverNonce, clientNonce, device.id, origin);
  const signature = await sign(device.signer, 'relay-connect', message);
  const body = encodeAuthenticate({
    clientNonce,
    signingKey: device.signer.publicKey,
    agreementKey: device.agreementPublicKey,
    signature,
    origin,
    ...(grant && { grant }),
  });
  return encodeControlFrame(FrameType.authenticate, 0, body);
}

/** An admission, and what the relay speaks from then on. */
export interface Admission extends Admitted {
  /** Within which the relay's mail is one; null for a relay of version 1, which has no mail. */
  readonly epoch: number | null;
}

/** Reads the admission; throws `FrameError` where it is none, or is another device's. */
export function readAdmission(frame: Frame, device: RelayDevice): Admission {
  if (frame.type !== FrameType.admitted) throw new FrameError('bad-frame', 'no admission');
  const admitted = parseAdmitted(frame.body);
  if (!equal(admitted.deviceId, device.id)) throw new FrameError('bad-frame', "another device's admission");
  if (frame.number < RELAY_PROTOCOL) return { ...admitted, epoch: null };
  if (frame.coalescingKey === 0) throw new FrameError('bad-frame', 'mail without an epoch');
  return { ...admitted, epoch: frame.coalescingKey };
}
