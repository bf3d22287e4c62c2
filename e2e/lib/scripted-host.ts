/** A computer without checks: paired like any other, it asks the phone whatever it is told to. */
import { encodeCanonical, webAgreement, webPrimitives } from '@palmkey/core/crypto';
import { parseDeviceName } from '@palmkey/core/devices';
import { type Content, MemoryReplayStore, Opener, Sealer } from '@palmkey/core/messages';
import { pairingUrl, startHostPairing } from '@palmkey/core/pairing';
import { type Answer, requestHash } from '@palmkey/core/requests';
import type { SessionBind } from '@palmkey/core/ssh';
import { parseRendezvousSender, toHex } from '@palmkey/envelope';
import { HttpRendezvous, systemTimers } from '@palmkey/relay-client';
import type { Page } from 'playwright-core';
import { webClock } from '../../apps/phone/src/engine/web-clock.ts';
import { confirmLink, readCode } from './phone.ts';
import { connectDevice, makeDevice } from './scripted-device.ts';

/** What it asks; every field is the script's own. */
export interface ScriptedAsk {
  readonly key: Uint8Array;
  readonly data: Uint8Array;
  readonly binds?: readonly SessionBind[];
  readonly [field: string]: unknown;
}

export interface ScriptedHost extends Disposable {
  /** Asks for a login and returns what the phone decides. */
  ask(request: ScriptedAsk): Promise<Answer>;
  /** Asks for anything, with an id and times unless it has its own. */
  askFor(request: Readonly<Record<string, unknown>>): Promise<Answer>;
  say(content: Content): Promise<void>;
}

const { subtle } = globalThis.crypto;
const random = (length: number) => webPrimitives.randomBytes(length);

/** Pairs with the app on `page` through `relay`, which also serves the app, and leaves the app on its inbox. */
export async function pairScriptedHost(relay: string, page: Page, name: string): Promise<ScriptedHost> {
  const device = await makeDevice();
  const { client } = connectDevice(relay, device);
  await client.connected(AbortSignal.timeout(10_000));
  const peer = await pair();

  const common = { primitives: webPrimitives, device, clock: webClock };
  const sealer = new Sealer(common);
  const peers = { find: () => peer };
  const opener = new Opener({ ...common, role: 'asks', peers, replay: new MemoryReplayStore() });
  /** What is asked and not decided, by its hash. */
  const open = new Map<string, { request: Uint8Array; decided: (answer: Answer) => void }>();
  const say = async (content: Content) => {
    const body = await sealer.seal([peer], content);
    // Without a connection nobody hears it; what is open is said again with the next greeting.
    if (client.state.is === 'connected') client.send(peer.id, body);
  };
  client.onBody((_from, body) => {
    void opener.open(body).then(async ({ content }) => {
      if (content.kind === 'decision') open.get(toHex(content.hash))?.decided(content.answer);
      if (content.kind !== 'here') return;
      // It has connected: what went out before may not have reached it.
      await greet(true);
      for (const { request } of open.values()) await say({ kind: 'ask', request });
    });
  });
  const greet = async (isAnswer = false) => {
    await say({ kind: 'speaks', from: 1, to: 2, ...(isAnswer && { answer: true }) });
    await say({ kind: 'here', name: parseDeviceName(name), software: 'scripted 1', keys: null });
  };
  await greet();
  const askFor = async (fields: Readonly<Record<string, unknown>>) => {
    const issued = Date.now();
    // Not by `encodeRequest`, which makes none that a phone refuses.
    const request = encodeCanonical({ id: random(16), issued, expires: issued + 60_000, ...fields });
    const hash = toHex(requestHash(request));
    try {
      return await new Promise<Answer>((decided, reject) => {
        open.set(hash, { request, decided });
        say({ kind: 'ask', request }).catch(reject);
      });
    } finally {
      open.delete(hash);
    }
  };
  const login = {
    kind: 'ssh-sign',
    binds: [],
    host: { name: 'prod-3.example.org', port: 22 },
    origin: { sure: 'none' },
  };
  return {
    say,
    askFor,
    ask: (fields) => askFor({ ...login, ...fields }),
    [Symbol.dispose]: () => client.close(),
  };

  async function pair() {
    const pairing = await subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
    const session = await webAgreement(pairing);
    const hostName = parseDeviceName(name);
    const link = { relay, sessionKey: session.publicKey, hostName };
    const started = startHostPairing(
      { primitives: webPrimitives, device, name: hostName, clock: webClock },
      session,
      link,
    );
    await client.openRendezvous(started.rendezvousId);
    const over = new AbortController();
    const channel = new HttpRendezvous({
      relay,
      id: started.rendezvousId,
      sender: parseRendezvousSender(random(16)),
      fetch,
      timers: systemTimers,
      random,
      signal: over.signal,
    });
    const running = started.run(channel, { onCode: () => readCode(page) }, over.signal);
    await page.goto(pairingUrl(relay, link));
    await confirmLink(page);
    const { peer } = await running;
    over.abort();
    await client.closeRendezvous(started.rendezvousId, peer.id);
    await page.goto(relay);
    return peer;
  }
}
