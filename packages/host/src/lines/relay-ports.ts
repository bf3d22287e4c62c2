import { randomBytes } from 'node:crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { Grant } from '@palmkey/envelope';
import { type Outbox, RelayClient, systemTimers } from '@palmkey/relay-client';
import { nodeWays } from '@palmkey/relay-client/node';

/** A connection to a relay in this process's real time. */
export function openRelay(device: DeviceKeys, relay: string, outbox?: Outbox, grant?: Grant): RelayClient {
  const random = (length: number) => new Uint8Array(randomBytes(length));
  return new RelayClient({
    relay,
    device: { id: device.id, signer: device.signer, agreementPublicKey: device.agreement.publicKey },
    sockets: nodeWays(random),
    timers: systemTimers,
    random,
    ...(outbox !== undefined && { outbox }),
    ...(grant !== undefined && { grant }),
  });
}
