import { webPrimitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { webHostKeyVerifier } from '@palmkey/core/ssh';
import type { Grant } from '@palmkey/envelope';
import { parseRendezvousSender } from '@palmkey/envelope';
import { fetchLinks, HttpRendezvous, RelayClient, RelayClientError, systemTimers } from '@palmkey/relay-client';
import type { ClientState, Outbox, SocketPort } from '@palmkey/relay-client';
import { openIndexedDbStore } from '../store/indexed-db-store.ts';
import { deviceKindOf } from './device-kind.ts';
import { givingWay, webEventLoop } from './giving-way.ts';
import { webClock } from './web-clock.ts';
import { webLocks } from './web-locks.ts';
import { fetchRelayFacts, fetchSignInNonce } from './relay-facts.ts';
import type { EnginePorts, LinkState, Missing, PhonePorts, RelayLink } from './ports.ts';

const DATABASE = 'palmkey';

/**
 * The engine's ports that a page and the service worker have alike: one store, one clock, one set of locks. `sockets`
 * makes the way to one relay.
 */
export function webPorts(
  sockets: () => SocketPort,
): Omit<EnginePorts, 'page' | 'biometric' | 'push'> & Pick<PhonePorts, 'missing'> {
  return {
    clock: webClock,
    locks: webLocks,
    primitives: { ...webPrimitives, verify: givingWay(webPrimitives, webEventLoop()) },
    verifyHostKey: webHostKeyVerifier,
    software: `palmkey-phone/${__APP_VERSION__}`,
    deviceKind: deviceKindOf(navigator.userAgent),
    missing,
    openStore: (onLost) => openIndexedDbStore(DATABASE, { onLost }),
    connectRelay: (relay, device, grant, outbox) => connectRelay(sockets(), relay, device, grant, outbox),
    askRelay: fetchRelayFacts,
    askSignInNonce: fetchSignInNonce,
    fetchLinks: (relay, account, after, signal) =>
      fetchLinks({
        relay,
        account,
        after,
        fetch: (url, init) => fetch(url, { ...init, cache: 'no-store', credentials: 'omit' }),
        timers: systemTimers,
        signal,
      }),
    openRendezvous: (relay, id, signal) =>
      new HttpRendezvous({
        relay,
        id,
        signal,
        sender: parseRendezvousSender(webPrimitives.randomBytes(16)),
        // Kept alive: an abort that is posted while the page goes away still arrives.
        fetch: (url, init) => fetch(url, { ...init, keepalive: init.method === 'POST', cache: 'no-store' }),
        timers: systemTimers,
        random: (length) => webPrimitives.randomBytes(length),
      }),
  };
}

async function missing(): Promise<readonly Missing[]> {
  if (!isSecureContext) return ['secure-context'];
  const found: Missing[] = [];
  if (!('indexedDB' in globalThis)) found.push('indexeddb');
  if (!('locks' in navigator)) found.push('locks');
  const works = (algorithm: string, usages: KeyUsage[]): Promise<boolean> =>
    crypto.subtle.generateKey({ name: algorithm }, false, usages).then(
      () => true,
      () => false,
    );
  const [ed25519, x25519] = await Promise.all([works('Ed25519', ['sign', 'verify']), works('X25519', ['deriveBits'])]);
  if (!ed25519) found.push('ed25519');
  if (!x25519) found.push('x25519');
  return found;
}

/** A device's connection to one relay. */
export function connectRelay(
  sockets: SocketPort,
  relay: string,
  device: DeviceKeys,
  grant: Grant | null,
  outbox: Outbox,
): RelayLink {
  const client = new RelayClient({
    relay,
    device: { id: device.id, signer: device.signer, agreementPublicKey: device.agreement.publicKey },
    sockets,
    timers: systemTimers,
    random: (length) => webPrimitives.randomBytes(length),
    outbox,
    ...(grant !== null && { grant }),
  });
  return {
    get state() {
      return linkState(client.state);
    },
    onState: (listener) => client.onState((state) => listener(linkState(state))),
    onBody: (listener) => client.onBody(listener),
    onUndelivered: (listener) => {
      client.onUndelivered((to, _number, code) => listener(to, code));
      // It waits for a device that is away, which is all that its sender shows of it.
      client.onStored((to) => listener(to, 'absent'));
    },
    onPresence: (listener) => client.onPresence(listener),
    onSettled: (listener) => client.onSettled(listener),
    onChainHead: (listener) => client.onChainHead(listener),
    onAccountData: (listener) => client.onAccountData(listener),
    chain: client.chain,
    get unsettled() {
      return client.unsettled;
    },
    start: () => client.start(),
    close: () => client.close(),
    reconnectNow: () => client.reconnectNow(),
    setGrant: (grant) => client.setGrant(grant),
    deleteAccount: () => client.deleteAccount(),
    pushRegister: (registration) => client.pushRegister(registration),
    invite: (grantHash, lifetimeS) => client.invite({ grantHash, lifetimeS }),
    openRendezvous: (id) => client.openRendezvous(id),
    closeRendezvous: (id) => client.closeRendezvous(id, null),
    allocateNameplate: (id) => client.allocateNameplate(id),
    send: (to, body, how) => {
      try {
        client.send(to, body, how);
      } catch (error) {
        // Lost in this very moment: what matters is sent again.
        if (!(error instanceof RelayClientError)) throw error;
      }
    },
  };
}

function linkState(state: ClientState): LinkState {
  switch (state.is) {
    case 'idle':
    case 'connecting':
      return { is: 'connecting', problem: null };
    case 'connected':
    case 'closed':
      return { is: state.is, problem: null };
    case 'waiting':
      return { is: 'waiting', problem: state.lastError };
    case 'refused':
      return { is: 'refused', problem: state.code };
  }
}
