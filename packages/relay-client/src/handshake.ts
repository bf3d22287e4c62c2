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
  type Admitted,
  type AgreementPublicKey,
  type DeviceId,
  type Frame,
  type RendezvousId,
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
  grant: RendezvousId | undefined,
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

/** Reads the admission; throws `FrameError` where it is none, or is another device's. */
export function readAdmission(frame: Frame, device: RelayDevice): Admitted {
  if (frame.type !== FrameType.admitted) throw new FrameError('bad-frame', 'no admission');
  const admitted = parseAdmitted(frame.body);
  if (!equal(admitted.deviceId, device.id)) throw new FrameError('bad-frame', "another device's admission");
  return admitted;
}
