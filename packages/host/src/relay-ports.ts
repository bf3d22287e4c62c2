import { randomBytes } from 'node:crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { RelayClient, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';

/** A connection to a relay in this process's real time. */
export function openRelay(device: DeviceKeys, relay: string): RelayClient {
  return new RelayClient({
    relay,
    device: { id: device.id, signer: device.signer, agreementPublicKey: device.agreement.publicKey },
    sockets: nodeSockets,
    timers: systemTimers,
    random: (length) => new Uint8Array(randomBytes(length)),
  });
}
