import { decode } from '@msgpack/msgpack';
import { equal, parseSignature } from '@palmkey/envelope';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BoxKey, KeyAgreement } from '../crypto/index.ts';
import {
  boxKey,
  encodeCanonical,
  openBox,
  sealAnonymous,
  sealBox,
  sign,
  verifySignature,
  webPrimitives,
} from '../crypto/index.ts';
import { parseDeviceName, publicDevice, type DeviceKeys, type Peer } from '../devices/index.ts';
import {
  type ChannelFault,
  drop,
  duplicate,
  FakeRendezvous,
  faithful,
  replace,
  swapWithNext,
} from '../testing/fake-rendezvous.ts';
import { fixedAgreement, fixedBytes, fixedDevice, fixedPrimitives } from '../testing/fixed-keys.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { PairingError } from './errors.ts';
import { ANSWER_LIMIT_MS, CODE_LIMIT_MS, startHostPairing, type HostPairing } from './host.ts';
import { LINK_LIFETIME_MS, type PairingLink } from './link.ts';
import { runPhonePairing } from './phone.ts';
import type { HostHooks, PairingProgress, PairingRecord, RendezvousChannel } from './ports.ts';

const hostName = parseDeviceName('laptop');
const phoneName = parseDeviceName('Pixel');
const userKeys = [{ blob: fixedBytes('user key'), comment: 'mine' }];
const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

/** Everything that one pairing needs, with a person who reads the code from the phone and types it. */
class Scene {
  readonly clock = new ManualClock();
  readonly rendezvous = new FakeRendezvous();
  readonly hostEvents: PairingProgress[] = [];
  readonly phoneEvents: PairingProgress[] = [];
  readonly hostCancel = new AbortController();
  readonly phoneCancel = new AbortController();
  readonly stored: PairingRecord[] = [];
  hostFault: ChannelFault = faithful;
  phoneFault: ChannelFault = faithful;
  reflects = false;
  /** What the person types, given what the phone shows. */
  typing: (shown: string, attempt: number) => Promise<string> | string = (shown) => shown;
  hostPeers: readonly Peer[] = [];
  phonePeers: readonly Peer[] = [];
  host!: DeviceKeys;
  phone!: DeviceKeys;
  agreement!: KeyAgreement;
  link!: PairingLink;
  pairing!: HostPairing;
  /** The phone's agreement for this pairing, once it has made it. */
  session: KeyAgreement | null = null;
  #showCode!: (code: string) => void;
  readonly code = new Promise<string>((resolve) => (this.#showCode = resolve));

  async prepare(): Promise<this> {
    this.host = await fixedDevice('host');
    this.phone = await fixedDevice('phone');
    this.agreement = await fixedAgreement(fixedBytes('c_priv'));
    this.link = { relay: 'https://relay.example.org', sessionKey: this.agreement.publicKey, hostName };
    this.pairing = startHostPairing(
      {
        primitives: fixedPrimitives('host'),
        device: this.host,
        name: hostName,
        clock: this.clock,
        peers: directory(this.hostPeers),
      },
      this.agreement,
      this.link,
    );
    return this;
  }

  runHost(channel = this.rendezvous.join(this.hostFault, this.reflects)): Promise<PairingRecord> {
    const hooks: HostHooks = {
      onCode: async (attempt) => this.typing(await this.code, attempt),
      onProgress: (event) => this.hostEvents.push(event),
    };
    return quiet(this.pairing.run(channel, hooks, this.hostCancel.signal));
  }

  runPhone(link = this.link, channel = this.rendezvous.join(this.phoneFault, this.reflects)): Promise<PairingRecord> {
    const primitives = fixedPrimitives('phone');
    const generateAgreement = async () => {
      const made = await primitives.generateAgreement();
      this.session ??= made;
      return made;
    };
    return quiet(
      runPhonePairing(
        {
          primitives: { ...primitives, generateAgreement },
          device: this.phone,
          name: phoneName,
          clock: this.clock,
          userKeys,
          peers: directory(this.phonePeers),
        },
        link,
        channel,
        {
          onCode: (code) => this.#showCode(code),
          onProgress: (event) => this.phoneEvents.push(event),
          onPaired: (record) => void this.stored.push(record),
        },
        this.phoneCancel.signal,
      ),
    );
  }

  async key(): Promise<BoxKey> {
    return boxKey(await this.agreement.sharedSecret(this.session!.publicKey));
  }

  /** A message of either side, made by somebody who has the key of the boxes. */
  async boxed(value: unknown): Promise<Uint8Array> {
    return sealBox(await this.key(), new Uint8Array(24), encodeCanonical(value));
  }

  /** The fault that replaces the `which`-th message by its own plaintext, changed. */
  rewrite(which: number, change: (message: Record<string, unknown>) => unknown): ChannelFault {
    return replace(which, async (message) => {
      return this.boxed(change(decode(openBox(await this.key(), message)) as Record<string, unknown>));
    });
  }
}

const directory = (peers: readonly Peer[]) => ({ find: (id: Uint8Array) => peers.find((peer) => equal(peer.id, id)) });
const quiet = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};
const failure = async (pairing: Promise<unknown>, code: string, reason: string | null = null) => {
  await expect(pairing).rejects.toBeInstanceOf(PairingError);
  await expect(pairing).rejects.toMatchObject({ code, reason });
};
const count = (events: readonly PairingProgress[]) => events.filter((event) => event.is === 'passed-over').length;

let scene: Scene;
beforeEach(async () => {
  scene = await new Scene().prepare();
});
afterEach(() => {
  expect(scene.clock.timers).toBe(0);
});

describe('a pairing', () => {
  it('gives both sides the other, the same transcript and both signatures over it', async () => {
    const [onHost, onPhone] = await Promise.all([scene.runHost(), scene.runPhone()]);
    const { host, phone } = scene;
    expect(onHost.peer).toEqual({
      ...publicDevice(phone.signer.publicKey, phone.agreement.publicKey),
      name: phoneName,
      role: 'decides',
    });
    expect(onPhone.peer).toEqual({
      ...publicDevice(host.signer.publicKey, host.agreement.publicKey),
      name: hostName,
      role: 'asks',
    });
    expect(onHost).toEqual({ ...onPhone, peer: onHost.peer, userKeys });
    expect(onHost.relay).toBe('https://relay.example.org');
    expect(scene.stored).toEqual([onPhone]);
    const { transcript, phoneSignature, hostSignature } = onHost;
    expect(
      await verifySignature(webPrimitives, phone.signer.publicKey, 'pairing-phone', transcript, phoneSignature),
    ).toBe(true);
    expect(await verifySignature(webPrimitives, host.signer.publicKey, 'pairing-host', transcript, hostSignature)).toBe(
      true,
    );
    expect(await scene.code).toMatch(/^\d{6}$/);
    expect(scene.hostEvents.map((event) => event.is)).toEqual(['waiting', 'met', 'comparing', 'confirming']);
    expect(scene.phoneEvents.map((event) => event.is)).toEqual(['waiting', 'met', 'comparing']);
    expect(scene.rendezvous.posted).toHaveLength(5);
  });

  it('takes the code with spaces, and after two wrong ones', async () => {
    scene.typing = (shown, attempt) => (attempt < 3 ? wrong(shown) : ` ${shown.slice(0, 3)} ${shown.slice(3)}\n`);
    await Promise.all([scene.runHost(), scene.runPhone()]);
    expect(scene.hostEvents.filter((event) => event.is === 'wrong-code')).toEqual([
      { is: 'wrong-code', triesLeft: 2 },
      { is: 'wrong-code', triesLeft: 1 },
    ]);
  });

  it('passes over what comes twice', async () => {
    scene.hostFault = duplicate;
    scene.phoneFault = duplicate;
    await Promise.all([scene.runHost(), scene.runPhone()]);
    expect(count(scene.hostEvents)).toBeGreaterThan(0);
  });

  it("passes over a side's own messages come back", async () => {
    scene.reflects = true;
    await Promise.all([scene.runHost(), scene.runPhone()]);
    expect(count(scene.hostEvents) + count(scene.phoneEvents)).toBeGreaterThan(2);
  });

  it('passes over garbage from outside at every step, and counts it', async () => {
    scene.hostFault = scene.phoneFault = (message) => [
      new Uint8Array(0),
      fixedBytes('garbage'),
      new Uint8Array(200),
      message,
    ];
    scene.typing = (shown) => {
      scene.rendezvous.inject(fixedBytes('more'));
      return shown;
    };
    await Promise.all([scene.runHost(), scene.runPhone()]);
    expect(count(scene.hostEvents)).toBeGreaterThanOrEqual(6);
    expect(count(scene.phoneEvents)).toBeGreaterThanOrEqual(6);
  });

  it('passes over boxed messages of no known name', async () => {
    scene.hostFault = async (message, index) => [await scene.boxed({ t: `later-${index}`, v: 1 }), message];
    await Promise.all([scene.runHost(), scene.runPhone()]);
    expect(count(scene.phoneEvents)).toBe(2);
  });

  it('does not pair a second time with the same link', async () => {
    await Promise.all([scene.runHost(), scene.runPhone()]);
    await failure(scene.runHost(), 'link-expired');
  });
});

describe('a second phone', () => {
  const squat = async (channel: RendezvousChannel) => {
    const session = await fixedAgreement(fixedBytes('squatter'));
    const hello = { t: 'hello', v: 1, sessionKey: session.publicKey, commitment: fixedBytes('commitment') };
    await channel.post(await sealAnonymous(webPrimitives, scene.link.sessionKey, encodeCanonical(hello)));
  };

  it('that comes first leaves the true phone without an answer, and the host with none either', async () => {
    const pairing = scene.runHost();
    await squat(scene.rendezvous.join());
    await scene.clock.timer(ANSWER_LIMIT_MS);
    const phone = scene.runPhone();
    await expect.poll(() => scene.phoneEvents.length).toBeGreaterThan(0);
    await expect.poll(() => scene.clock.timers).toBe(2);
    scene.clock.advance(ANSWER_LIMIT_MS);
    await failure(phone, 'no-answer');
    await failure(pairing, 'timed-out');
    expect(scene.stored).toEqual([]);
  });

  it('that comes after the true one changes nothing', async () => {
    const outsider = scene.rendezvous.join();
    scene.typing = async (shown) => {
      await squat(outsider);
      return shown;
    };
    await Promise.all([scene.runHost(), scene.runPhone()]);
    expect(count(scene.hostEvents)).toBe(1);
  });

  it('that sends a hello which opens but is none is passed over', async () => {
    const pairing = scene.runHost();
    const to = scene.link.sessionKey;
    const hello = { t: 'hello', v: 1, sessionKey: fixedBytes('x'), commitment: fixedBytes('y') };
    for (const bad of [7, { t: 'done', v: 1 }, { ...hello, extra: 1 }, { ...hello, sessionKey: new Uint8Array(32) }]) {
      scene.rendezvous.inject(await sealAnonymous(webPrimitives, to, encodeCanonical(bad)));
    }
    scene.rendezvous.inject(await sealAnonymous(webPrimitives, to, new Uint8Array(10)));
    await Promise.all([pairing, scene.runPhone()]);
    expect(count(scene.hostEvents)).toBe(5);
  });
});

describe('somebody in the middle', () => {
  it("with a link key of its own gets two codes that differ, and the person's code is wrong", async () => {
    const middleKey = await fixedAgreement(fixedBytes('middle'));
    const towardsPhone = new FakeRendezvous();
    const middle = await new Scene().prepare();
    const fake = startHostPairing(
      {
        primitives: fixedPrimitives('middle'),
        device: await fixedDevice('middle'),
        name: hostName,
        clock: scene.clock,
      },
      middleKey,
      { ...scene.link, sessionKey: middleKey.publicKey },
    );
    const toPhone = quiet(
      fake.run(towardsPhone.join(), { onCode: () => new Promise<string>(() => undefined) }, middle.hostCancel.signal),
    );
    const phone = scene.runPhone({ ...scene.link, sessionKey: middleKey.publicKey }, towardsPhone.join());
    const shown = await scene.code;
    const host = quiet(
      scene.pairing.run(scene.rendezvous.join(), { onCode: () => Promise.resolve(shown) }, scene.hostCancel.signal),
    );
    const relayed = middle.runPhone(scene.link, scene.rendezvous.join());
    await failure(host, 'wrong-code');
    await failure(relayed, 'peer-aborted', 'wrong-code');
    middle.hostCancel.abort();
    await failure(toPhone, 'cancelled');
    await failure(phone, 'peer-aborted', 'cancelled');
  });

  it('cannot choose the reveal after it saw the nonce of the host', async () => {
    scene.phoneFault = scene.rewrite(1, (message) => ({
      ...message,
      reveal: encodeCanonical({
        nonce: fixedBytes('chosen to match'),
        signingKey: scene.phone.signer.publicKey,
        agreementKey: scene.phone.agreement.publicKey,
        name: phoneName,
        userKeys: [],
      }),
    }));
    const host = scene.runHost();
    const phone = scene.runPhone();
    await failure(host, 'commitment');
    await failure(phone, 'peer-aborted', 'commitment');
    expect(scene.stored).toEqual([]);
  });
});

describe('a message that only the other side can have made, but is wrong', () => {
  const changes: readonly [string, 'host' | 'phone', number, (message: Record<string, unknown>) => unknown, string][] =
    [
      ['a me request for another hello', 'host', 0, (m) => ({ ...m, hello: fixedBytes('other') }), 'bad-message'],
      ['a me request with another name than the link', 'host', 0, (m) => ({ ...m, name: 'other' }), 'bad-message'],
      ['a me request with a key too many', 'host', 0, (m) => ({ ...m, extra: 1 }), 'bad-message'],
      ['a me request of another version', 'host', 0, (m) => ({ ...m, v: 2 }), 'version'],
      ['a box that holds no map', 'host', 0, () => 7, 'bad-message'],
      ['an abort without a known reason', 'host', 0, () => ({ t: 'abort', v: 1, reason: 'bored' }), 'bad-message'],
      [
        'paired with another signature',
        'host',
        1,
        (m) => ({ ...m, signature: new Uint8Array(64).fill(3) }),
        'bad-message',
      ],
      [
        'a me response with another signature',
        'phone',
        1,
        (m) => ({ ...m, signature: new Uint8Array(64).fill(3) }),
        'bad-message',
      ],
      ['a me response with a key too many', 'phone', 1, (m) => ({ ...m, extra: 1 }), 'bad-message'],
      ['a me response of another version', 'phone', 1, (m) => ({ ...m, v: 2 }), 'version'],
    ];
  it.each(changes)('%s ends it on both sides', async (_, from, which, change, code) => {
    if (from === 'host') scene.hostFault = scene.rewrite(which, change);
    else scene.phoneFault = scene.rewrite(which, change);
    const host = scene.runHost();
    const phone = scene.runPhone();
    await failure(from === 'host' ? phone : host, code);
    await failure(from === 'host' ? host : phone, 'peer-aborted', code);
    expect(scene.stored).toEqual([]);
  });

  it('the signature of the right key over another pairing is refused', async () => {
    const old = parseSignature(await sign(scene.host.signer, 'pairing-host', fixedBytes('another transcript')));
    scene.hostFault = scene.rewrite(1, (message) => ({ ...message, signature: old }));
    const host = scene.runHost();
    await failure(scene.runPhone(), 'bad-message');
    await failure(host, 'peer-aborted', 'bad-message');
  });

  it('a hello of another version is answered with that', async () => {
    const host = scene.runHost();
    scene.phoneFault = replace(0, async () => {
      const hello = { t: 'hello', v: 2, sessionKey: scene.session!.publicKey, whatever: 1 };
      return sealAnonymous(webPrimitives, scene.link.sessionKey, encodeCanonical(hello));
    });
    const phone = scene.runPhone();
    await failure(host, 'version');
    await failure(phone, 'peer-aborted', 'version');
  });
});

describe('a message that is lost', () => {
  it('me request: the phone says after 20 s that nobody answered', async () => {
    scene.hostFault = drop(0);
    const host = scene.runHost();
    const phone = scene.runPhone();
    await expect.poll(() => scene.hostEvents.some((event) => event.is === 'met')).toBe(true);
    await expect.poll(() => scene.clock.timers).toBe(2);
    scene.clock.advance(ANSWER_LIMIT_MS);
    await failure(phone, 'no-answer');
    await expect(host).rejects.toBeInstanceOf(PairingError);
  });

  it('me response: the host gives up after 20 s and the phone hears it', async () => {
    scene.phoneFault = drop(1);
    const host = scene.runHost();
    const phone = scene.runPhone();
    await scene.code;
    await expect.poll(() => scene.clock.timers).toBe(2);
    scene.clock.advance(ANSWER_LIMIT_MS);
    await failure(host, 'timed-out');
    await failure(phone, 'peer-aborted', 'timed-out');
  });

  it('paired: the phone stores nothing, and both give up', async () => {
    scene.hostFault = drop(1);
    const host = scene.runHost();
    const phone = scene.runPhone();
    await expect.poll(() => scene.hostEvents.at(-1)?.is).toBe('confirming');
    await scene.clock.timer(ANSWER_LIMIT_MS);
    scene.clock.advance(ANSWER_LIMIT_MS);
    await failure(host, 'timed-out');
    await failure(phone, 'peer-aborted', 'timed-out');
    expect(scene.stored).toEqual([]);
  });

  it('done: the host drops everything after 20 s', async () => {
    scene.phoneFault = drop(2);
    const host = scene.runHost();
    await scene.runPhone();
    await scene.clock.timer(ANSWER_LIMIT_MS);
    scene.clock.advance(ANSWER_LIMIT_MS);
    await failure(host, 'timed-out');
  });

  it('messages out of order: what comes too early is passed over', async () => {
    scene.hostFault = async (message, index) => {
      if (index === 0) return [await scene.boxed({ t: 'paired', v: 1, signature: new Uint8Array(64) }), message];
      return [message];
    };
    await Promise.all([scene.runHost(), scene.runPhone()]);
    expect(count(scene.phoneEvents)).toBe(1);
  });

  it('hello that comes behind its own abort: the host passes over the one, takes the other, and gives up alone', async () => {
    scene.phoneFault = swapWithNext(0);
    const host = scene.runHost();
    const phone = scene.runPhone();
    await scene.clock.timer(ANSWER_LIMIT_MS);
    scene.clock.advance(ANSWER_LIMIT_MS);
    await failure(phone, 'no-answer');
    await scene.clock.timer(ANSWER_LIMIT_MS);
    scene.clock.advance(ANSWER_LIMIT_MS);
    await failure(host, 'timed-out');
    expect(count(scene.hostEvents)).toBe(1);
  });
});

describe('a person', () => {
  it('who types three wrong codes ends it on both sides', async () => {
    scene.typing = wrong;
    const host = scene.runHost();
    const phone = scene.runPhone();
    await failure(host, 'wrong-code');
    await failure(phone, 'peer-aborted', 'wrong-code');
    expect(scene.hostEvents.at(-1)).toEqual({ is: 'wrong-code', triesLeft: 0 });
    expect(scene.stored).toEqual([]);
  });

  it('who types anything but six digits has typed a wrong code', async () => {
    scene.typing = (shown, attempt) => ['', `${shown}0`, '十二三四五六'][attempt - 1] ?? shown;
    const host = scene.runHost();
    const phone = scene.runPhone();
    await failure(host, 'wrong-code');
    await failure(phone, 'peer-aborted', 'wrong-code');
  });

  it('who types nothing for three minutes ends it on both sides', async () => {
    scene.typing = () => new Promise<string>(() => undefined);
    const host = scene.runHost();
    const phone = scene.runPhone();
    await scene.clock.timer(CODE_LIMIT_MS);
    scene.clock.advance(CODE_LIMIT_MS);
    await failure(host, 'timed-out');
    await failure(phone, 'peer-aborted', 'timed-out');
  });

  it('who cancels at the computer ends it on both sides, and the asking ends', async () => {
    scene.typing = () => {
      scene.hostCancel.abort();
      return new Promise<string>(() => undefined);
    };
    const host = scene.runHost();
    const phone = scene.runPhone();
    await failure(host, 'cancelled');
    await failure(phone, 'peer-aborted', 'cancelled');
  });

  it('whose prompt breaks cancels', async () => {
    scene.typing = () => Promise.reject(new Error('the terminal is gone'));
    const host = scene.runHost();
    const phone = scene.runPhone();
    await failure(host, 'cancelled');
    await failure(phone, 'peer-aborted', 'cancelled');
  });

  it('who cancels at the phone ends it while the computer asks for the code', async () => {
    scene.typing = () => {
      scene.phoneCancel.abort();
      return new Promise<string>(() => undefined);
    };
    const host = scene.runHost();
    const phone = scene.runPhone();
    await failure(phone, 'cancelled');
    await failure(host, 'peer-aborted', 'cancelled');
  });

  it('who cancels before anything is there ends it', async () => {
    const host = scene.runHost();
    scene.hostCancel.abort();
    await failure(host, 'cancelled');
    scene.phoneCancel.abort();
    await failure(scene.runPhone(), 'cancelled');
    expect(scene.rendezvous.posted).toEqual([]);
  });

  it('who cancels at the computer after the right code cancels no more', async () => {
    scene.hostFault = (message, index) => {
      if (index === 1) scene.hostCancel.abort();
      return [message];
    };
    await Promise.all([scene.runHost(), scene.runPhone()]);
  });

  it('who opens the link after ten minutes finds it expired', async () => {
    const host = scene.runHost();
    await scene.clock.timer(LINK_LIFETIME_MS);
    scene.clock.advance(LINK_LIFETIME_MS);
    await failure(host, 'link-expired');
  });

  it('who shows a link for nine minutes has one left, and after ten none', async () => {
    scene.clock.advance(LINK_LIFETIME_MS - 60_000);
    const host = scene.runHost();
    await scene.clock.timer(60_000);
    scene.clock.advance(60_000);
    await failure(host, 'link-expired');
    expect(() =>
      startHostPairing(
        { primitives: webPrimitives, device: scene.host, name: phoneName, clock: scene.clock },
        scene.agreement,
        scene.link,
      ),
    ).toThrow(PairingError);
  });
});

describe('devices that are paired already', () => {
  it('are refused by the host', async () => {
    const { phone } = scene;
    const known: Peer = {
      ...publicDevice(phone.signer.publicKey, phone.agreement.publicKey),
      name: phoneName,
      role: 'decides',
    };
    scene = new Scene();
    scene.hostPeers = [known];
    await scene.prepare();
    const host = scene.runHost();
    const second = scene.runPhone();
    await failure(host, 'already-paired');
    await failure(second, 'peer-aborted', 'already-paired');
  });

  it('are refused by the phone', async () => {
    const { host } = scene;
    scene.phonePeers = [
      { ...publicDevice(host.signer.publicKey, host.agreement.publicKey), name: hostName, role: 'asks' },
    ];
    const running = scene.runHost();
    await failure(scene.runPhone(), 'already-paired');
    await failure(running, 'peer-aborted', 'already-paired');
  });

  it('a device does not pair with itself', async () => {
    scene.phone = scene.host;
    const running = scene.runHost();
    await failure(scene.runPhone(), 'bad-message');
    await failure(running, 'peer-aborted', 'bad-message');
  });
});

describe('a relay that fails', () => {
  it('is not taken for a fault of the pairing', async () => {
    const broken: RendezvousChannel = {
      post: () => Promise.reject(new Error('no relay')),
      next: () => Promise.reject(new Error('no relay')),
    };
    await expect(scene.runHost(broken)).rejects.toThrow('no relay');
    await expect(scene.runPhone(scene.link, broken)).rejects.toThrow('no relay');
  });

  it('and does not take the word of an abort holds nobody for longer than 2 s', async () => {
    const channel = scene.rendezvous.join();
    const stuck: RendezvousChannel = {
      next: (signal) => channel.next(signal),
      post: () => new Promise(() => undefined),
    };
    scene.typing = wrong;
    let posts = 0;
    const host = scene.runHost({
      ...stuck,
      post: (message) => (posts++ === 0 ? channel.post(message) : stuck.post(message)),
    });
    const phone = scene.runPhone();
    await scene.clock.timer(2_000);
    scene.clock.advance(2_000);
    await failure(host, 'wrong-code');
    scene.phoneCancel.abort();
    await failure(phone, 'cancelled');
  });
});
