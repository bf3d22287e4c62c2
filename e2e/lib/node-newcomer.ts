/** A new device without screens, which joins an account by core's own steps. */
import { webPrimitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { joinAccount, kex2Session, OneUse } from '@palmkey/core/provisioning';
import { wasmScrypt } from '@palmkey/core/scrypt';
import { type Grant, parseRendezvousSender } from '@palmkey/envelope';
import { fetchLinks, RelayClient, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { RelayChain } from '../../apps/phone/src/engine/joining/relay-chain.ts';
import { webClock as clock } from '../../apps/phone/src/engine/web-clock.ts';
import { routerTo } from './relay-account.ts';

const randomBytes = (length: number) => webPrimitives.randomBytes(length);

/** The chain at a relay, as a device finds it that is in no account. Close it. */
export function relayChainFor(relay: string, { id, signer, agreement }: DeviceKeys): RelayChain {
  return new RelayChain({
    clock,
    fetchLinks: (account, signal) => fetchLinks({ relay, account, after: 0, fetch, timers: systemTimers, signal }),
    connect: (grant: Grant) => {
      const device = { id, signer, agreementPublicKey: agreement.publicKey };
      const client = new RelayClient({
        relay,
        device,
        sockets: nodeSockets,
        timers: systemTimers,
        random: randomBytes,
        grant,
      });
      client.start();
      return client;
    },
  });
}

/** Shows these words (`kex2-v1`), waits for a member that they are entered at, and joins. */
export async function joinByShownWords(
  relay: string,
  device: DeviceKeys,
  words: string,
  person: { readonly name: string; readonly onCode: (code: string) => void },
): Promise<void> {
  const router = routerTo(relay);
  const { signal } = new AbortController();
  const session = await kex2Session(new OneUse({ suite: 'kex2-v1', words }), null, device.id, wasmScrypt);
  await router.opened(session.rendezvous, parseRendezvousSender(randomBytes(16)), signal);
  const chain = relayChainFor(relay, device);
  try {
    const store = { save: () => Promise.resolve(), drop: () => Promise.resolve() };
    await joinAccount(
      { router, clock, randomBytes, primitives: webPrimitives, device, kind: 'tablet', account: null, chain, store },
      session,
      'y',
      { onName: () => Promise.resolve(person.name), onCode: person.onCode },
      signal,
    );
  } finally {
    chain.close();
  }
}
