import {
  encodeAccountDataWord,
  encodeChainHead,
  encodeControlFrame,
  encodeFrame,
  encodeRelayError,
  FRAME_VERSION,
  FrameType,
  HEADER_BYTES,
  NOBODY,
  type AccountDataWord,
  type ChainHead,
  type DeviceId,
  type LinkRefusal,
  type RelayErrorCode,
} from '@palmkey/envelope';

/** An error about a frame with that number and peer; about none: 0 and {@link NOBODY}. `refusal`: of a `bad-chain`. */
export function errorFrame(
  code: RelayErrorCode,
  retryAfterMs = 0,
  number = 0,
  peer: DeviceId = NOBODY,
  refusal: LinkRefusal | null = null,
): Uint8Array {
  const body = encodeRelayError({ code, retryAfterMs, refusal });
  return encodeFrame({ type: FrameType.error, lifetimeS: 0, number, peer, coalescingKey: 0, body });
}

/** That so much of a connection's mail has been settled. Made by hand: there is one for each turn and connection. */
export function ackFrame(settled: number): Uint8Array {
  const frame = Buffer.alloc(HEADER_BYTES);
  frame[0] = FRAME_VERSION;
  frame[1] = FrameType.ack;
  frame.writeUInt32BE(Math.floor(settled / 0x1_0000_0000), 8);
  frame.writeUInt32BE(settled % 0x1_0000_0000, 12);
  return frame;
}

/** That mail waits for a device that is not connected. */
export function storedFrame(number: number, peer: DeviceId): Uint8Array {
  return bare(FrameType.stored, number, peer);
}

/** That a device of the account is connected, or gone. */
export function presenceFrame(device: DeviceId, present: boolean): Uint8Array {
  return bare(FrameType.presence, present ? 1 : 0, device);
}

/** That the account's chain has another head. */
export function chainHeadFrame(head: ChainHead): Uint8Array {
  return encodeControlFrame(FrameType.chainHead, 0, encodeChainHead(head));
}

/** That another member has written account data. */
export function accountDataFrame(word: AccountDataWord): Uint8Array {
  return encodeControlFrame(FrameType.accountData, 0, encodeAccountDataWord(word));
}

/** That an order was followed. */
export function doneFrame(number: number, body = new Uint8Array(0)): Uint8Array {
  return encodeControlFrame(FrameType.done, number, body);
}

function bare(type: FrameType, number: number, peer: DeviceId): Uint8Array {
  return encodeFrame({ type, lifetimeS: 0, number, peer, coalescingKey: 0, body: new Uint8Array(0) });
}
