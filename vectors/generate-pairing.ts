/** Vectors for spec/pairing.md: `pairing.json`. */
import { encodeCanonical, openBox, boxKey } from '@palmkey/core/crypto';
import { parseDeviceName } from '@palmkey/core/devices';
import {
  encodePairingLink,
  pairingUrl,
  type PairingLink,
  rendezvousIdOf,
  runPhonePairing,
  startHostPairing,
} from '@palmkey/core/pairing';
import { concat } from '@palmkey/envelope';
import { openAnonymous } from '../packages/core/src/crypto/index.ts';
import { FakeRendezvous } from '../packages/core/src/testing/fake-rendezvous.ts';
import { fixedAgreement, fixedBytes, fixedDevice, fixedPrimitives } from '../packages/core/src/testing/fixed-keys.ts';
import { ManualClock } from '../packages/core/src/testing/manual-clock.ts';
import { writePage } from './page.ts';

const text = (value: string) => new TextEncoder().encode(value);
const linkPrivate = fixedBytes('c_priv');
/** The first randomness that the phone asks for. */
const sessionPrivate = fixedPrimitives('phone').randomBytes(32);
const c = await fixedAgreement(linkPrivate);
const session = await fixedAgreement(sessionPrivate);
const hostName = parseDeviceName('laptop');
const link: PairingLink = { relay: 'https://relay.example.org', sessionKey: c.publicKey, hostName };
const userKeys = [{ blob: fixedBytes('user key'), comment: 'servers' }];

const clock = new ManualClock();
const rendezvous = new FakeRendezvous();
const never = new AbortController().signal;
const host = await fixedDevice('host');
const phone = await fixedDevice('phone');
let showCode: (code: string) => void = () => undefined;
const shown = new Promise<string>((resolve) => (showCode = resolve));
const [record] = await Promise.all([
  startHostPairing({ primitives: fixedPrimitives('host'), device: host, name: hostName, clock }, c, link).run(
    rendezvous.join(),
    { onCode: () => shown },
    never,
  ),
  runPhonePairing(
    { primitives: fixedPrimitives('phone'), device: phone, name: parseDeviceName('Pixel 9'), clock, userKeys },
    link,
    rendezvous.join(),
    { onCode: (code) => showCode(code) },
    never,
  ),
]);

const key = boxKey(await c.sharedSecret(session.publicKey));
const [hello = new Uint8Array(0), ...boxed] = rendezvous.posted;
const messages = [
  { name: 'hello', sealed: hello, plaintext: await openAnonymous(c, hello) },
  ...boxed.map((box, i) => ({
    name: ['me-request', 'me-response', 'paired', 'done'][i],
    boxed: box,
    plaintext: openBox(key, box),
  })),
];

const payload = (relay: string, name: Uint8Array) => {
  const origin = text(relay);
  return concat(Uint8Array.of(1), c.publicKey, Uint8Array.of(origin.length), origin, Uint8Array.of(name.length), name);
};
const whole = encodePairingLink(link);
const links: readonly PairingLink[] = [
  link,
  { ...link, relay: 'http://127.0.0.1:7477', hostName: parseDeviceName('Ärger 手机') },
  { ...link, relay: 'http://[::1]:7477', hostName: parseDeviceName('x'.repeat(64)) },
];

const one = { t: 'hello', v: 1, sessionKey: session.publicKey, commitment: new Uint8Array(32) };
const request = {
  t: 'me-request',
  v: 1,
  nonce: new Uint8Array(32),
  signingKey: host.signer.publicKey,
  agreementKey: host.agreement.publicKey,
  name: 'laptop',
  hello: new Uint8Array(32),
};
const invalidMessages: readonly (readonly [string, string, unknown])[] = [
  ['hello', 'a key too many', { ...one, extra: 1 }],
  ['hello', 'a key too few', { t: 'hello', v: 1, sessionKey: session.publicKey }],
  ['hello', 'another version', { ...one, v: 2 }],
  ['hello', 'another name', { ...one, t: 'hallo' }],
  ['hello', 'a session key of 31 bytes', { ...one, sessionKey: new Uint8Array(31) }],
  ['me-request', 'a name with a line feed', { ...request, name: 'a\nb' }],
  ['me-request', 'no nonce', { ...request, nonce: new Uint8Array(0) }],
  [
    'me-response',
    'a signature of 63 bytes',
    { t: 'me-response', v: 1, reveal: text('x'), signature: new Uint8Array(63) },
  ],
  ['me-response', 'no reveal', { t: 'me-response', v: 1, reveal: new Uint8Array(0), signature: new Uint8Array(64) }],
  ['paired', 'no signature', { t: 'paired', v: 1 }],
  ['done', 'a key too many', { t: 'done', v: 1, extra: 1 }],
  ['abort', 'an unknown reason', { t: 'abort', v: 1, reason: 'bored' }],
];

writePage('pairing', {
  linkPrivate,
  links: links.map((each) => ({
    ...each,
    payload: encodePairingLink(each),
    url: pairingUrl('https://app.example.org', each),
    rendezvous: rendezvousIdOf(each.sessionKey),
  })),
  invalidLinks: [
    { name: 'another version', code: 'version', payload: whole.with(0, 2) },
    { name: 'nothing', code: 'bad-link', payload: new Uint8Array(0) },
    { name: 'a byte too few', code: 'bad-link', payload: whole.subarray(0, -1) },
    { name: 'a byte too many', code: 'bad-link', payload: concat(whole, Uint8Array.of(0)) },
    ...(
      [
        ['no relay', ''],
        ['a relay with a path', 'https://relay/x'],
        ['a relay with a slash', 'https://relay/'],
        ['a relay in capitals', 'https://RELAY'],
        ['a relay with the default port', 'https://relay:443'],
        ['a relay with credentials', 'https://a:b@relay'],
        ['a relay of another scheme', 'wss://relay'],
      ] as const
    ).map(([name, relay]) => ({ name, code: 'bad-link', payload: payload(relay, text('laptop')) })),
    { name: 'no host name', code: 'bad-link', payload: payload(link.relay, text('')) },
    { name: 'a host name of 65 characters', code: 'bad-link', payload: payload(link.relay, text('x'.repeat(65))) },
    { name: 'a host name that reorders the screen', code: 'bad-link', payload: payload(link.relay, text('a\u202eb')) },
    { name: 'a host name that is not UTF-8', code: 'bad-link', payload: payload(link.relay, Uint8Array.of(255)) },
  ],
  pairing: {
    sessionPrivate,
    sessionKey: session.publicKey,
    boxKey: key,
    messages,
    transcript: record.transcript,
    code: await shown,
    phoneSigningKey: phone.signer.publicKey,
    phoneSignature: record.phoneSignature,
    hostSigningKey: host.signer.publicKey,
    hostSignature: record.hostSignature,
  },
  invalidMessages: invalidMessages.map(([message, name, value]) => ({
    message,
    name,
    code: 'bad-message',
    plaintext: encodeCanonical(value),
  })),
});
