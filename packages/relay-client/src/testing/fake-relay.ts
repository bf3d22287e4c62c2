import {
  encodeAdmitted,
  encodeChallenge,
  encodeControlFrame,
  encodeFrame,
  encodeRelayError,
  FrameType,
  NOBODY,
  parseConnectNonce,
  parseFrame,
  RELAY_PROTOCOL,
  type DeviceId,
  type Frame,
  type RelayErrorCode,
} from '@palmkey/envelope';
import type { FakeSocket } from './fake-sockets.ts';

/** Has a fake socket admit the device: with an epoch as a relay of version 2, without as one of version 1. */
export async function admit(socket: FakeSocket, device: DeviceId, now: number, epoch?: number): Promise<void> {
  const answered = new Promise<void>((resolve) => (socket.onSent = resolve));
  const nonce = parseConnectNonce(new Uint8Array(32));
  socket.events.onMessage(encodeControlFrame(FrameType.challenge, 0, encodeChallenge(nonce)));
  await answered;
  socket.onSent = undefined;
  const body = encodeAdmitted({ deviceId: device, maxBodyBytes: 65_536, relayTime: now });
  const number = epoch === undefined ? 0 : RELAY_PROTOCOL;
  const frame = { type: FrameType.admitted, lifetimeS: 0, number, peer: NOBODY, coalescingKey: epoch ?? 0, body };
  socket.events.onMessage(encodeFrame(frame));
}

/** The frames of one type that went out on a fake socket. */
export function sentOf(socket: FakeSocket, type: FrameType): Frame[] {
  return socket.sent.map((bytes) => parseFrame(bytes)).filter((frame) => frame.type === type);
}

export function delivery(from: DeviceId, number: number, body: Uint8Array): Uint8Array {
  return encodeFrame({ type: FrameType.unicast, lifetimeS: 60, number: 1, peer: from, coalescingKey: number, body });
}

export function control(type: FrameType, number: number, peer = NOBODY, body = new Uint8Array(0)): Uint8Array {
  return encodeFrame({ type, lifetimeS: 0, number, peer, coalescingKey: 0, body });
}

export function errorFrame(code: RelayErrorCode, number = 0, peer = NOBODY, retryAfterMs = 0): Uint8Array {
  return control(FrameType.error, number, peer, encodeRelayError({ code, retryAfterMs }));
}
