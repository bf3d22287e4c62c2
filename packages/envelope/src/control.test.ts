import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPage } from '../../../vectors/page.ts';
import * as brand from './brand.ts';
import { fromHex, toHex } from './bytes.ts';
import * as control from './control.ts';
import * as orders from './orders.ts';
import * as push from './push.ts';
import {
  encodeRelayError,
  isRelayErrorCode,
  parseRelayError,
  relayErrors,
  type LinkRefusal,
  type RelayErrorCode,
} from './relay-error.ts';
import { signedBytes } from './signed-bytes.ts';

interface Vectors {
  bodies: {
    challenge: { serverNonce: string; bytes: string };
    authenticate: { origin: string; grant: string | null; signingKey: string; bytes: string }[];
    admitted: { deviceId: string; maxBodyBytes: number; relayTime: number; bytes: string };
    rendezvousClose: { id: string; keep: string | null; bytes: string }[];
    resume: { epoch: number; cursor: number; bytes: string }[];
    pushRegister: { endpoint: string; p256dh: string; auth: string; bytes: string };
    pushed: { outcome: push.PushOutcome; bytes: string }[];
    invite: { grantHash: string; lifetimeS: number; bytes: string };
    nameplate: { nameplate: number; bytes: string };
    connect: { deviceId: string; message: string };
    signIn: { deviceId: string; message: string; signed: string };
  };
  errors: {
    code: RelayErrorCode;
    number: number;
    retry: string;
    closes: boolean;
    refusal?: LinkRefusal;
    bytes: string;
  }[];
}
const { bodies, errors } = readPage('frame') as Vectors;
const refused = (code = 'bad-frame'): unknown => expect.objectContaining({ name: 'FrameError', code });

/** Every body with its parser; a parser refuses each of them cut short or with a byte more. */
const parsers: [string, (body: Uint8Array) => unknown, Uint8Array][] = [
  ['challenge', control.parseChallenge, fromHex(bodies.challenge.bytes)],
  ['admitted', control.parseAdmitted, fromHex(bodies.admitted.bytes)],
  ['rendezvous-open', orders.parseRendezvousOpen, new Uint8Array(32)],
  ['rendezvous-close with a device', orders.parseRendezvousClose, fromHex(bodies.rendezvousClose[0]!.bytes)],
  ['rendezvous-close', orders.parseRendezvousClose, fromHex(bodies.rendezvousClose[1]!.bytes)],
  ['forget-device', orders.parseForgetDevice, new Uint8Array(16)],
  ['resume', orders.parseResume, fromHex(bodies.resume[0]!.bytes)],
  ['pushed', push.parsePushed, fromHex(bodies.pushed[0]!.bytes)],
  ['invite', orders.parseInvite, fromHex(bodies.invite.bytes)],
  ['nameplate', orders.parseNameplate, fromHex(bodies.nameplate.bytes)],
  ['error', parseRelayError, fromHex(errors[0]!.bytes)],
];

describe('bodies of one length', () => {
  test.each(parsers)('%s is refused cut at any byte, and with one more', (_, parse, body) => {
    expect(() => parse(body)).not.toThrow();
    for (let length = 0; length < body.length; length++)
      expect(() => parse(body.subarray(0, length))).toThrow(refused());
    expect(() => parse(Uint8Array.of(...body, 0))).toThrow(refused());
  });

  test('they are those of the vectors', () => {
    expect(toHex(control.parseChallenge(fromHex(bodies.challenge.bytes)))).toBe(bodies.challenge.serverNonce);
    const admitted = control.parseAdmitted(fromHex(bodies.admitted.bytes));
    expect({ ...bodies.admitted, deviceId: toHex(admitted.deviceId) }).toMatchObject({
      ...admitted,
      deviceId: bodies.admitted.deviceId,
    });
    for (const { id, keep, bytes } of bodies.rendezvousClose) {
      const parsed = orders.parseRendezvousClose(fromHex(bytes));
      expect([toHex(parsed.id), parsed.keep && toHex(parsed.keep)]).toEqual([id, keep]);
      expect(toHex(orders.encodeRendezvousClose(parsed.id, parsed.keep))).toBe(bytes);
    }
  });

  test('another version of the challenge, a third keep and a time beyond 2^53 are refused', () => {
    expect(() => control.parseChallenge(new Uint8Array(33).fill(2))).toThrow(refused('unsupported-version'));
    for (const n of [1, 2, 15, 17, 255]) {
      expect(() => orders.parseRendezvousClose(new Uint8Array(33 + n).fill(n))).toThrow(refused());
    }
    expect(() => control.parseAdmitted(new Uint8Array(28).fill(255))).toThrow(refused());
  });
});

describe('orders', () => {
  test('they are those of the vectors', () => {
    for (const { bytes, ...resume } of bodies.resume) {
      expect(orders.parseResume(fromHex(bytes))).toEqual(resume);
      expect(toHex(orders.encodeResume(resume))).toBe(bytes);
    }
    const invite = orders.parseInvite(fromHex(bodies.invite.bytes));
    expect([toHex(invite.grantHash), invite.lifetimeS]).toEqual([bodies.invite.grantHash, bodies.invite.lifetimeS]);
    expect(toHex(orders.encodeInvite(invite))).toBe(bodies.invite.bytes);
    expect(orders.parseNameplate(fromHex(bodies.nameplate.bytes))).toBe(bodies.nameplate.nameplate);
    expect(toHex(orders.encodeNameplate(bodies.nameplate.nameplate))).toBe(bodies.nameplate.bytes);
    for (const { outcome, bytes } of bodies.pushed) {
      expect(push.parsePushed(fromHex(bytes))).toBe(outcome);
      expect(toHex(push.encodePushed(outcome))).toBe(bytes);
    }
  });

  test('an epoch or cursor beyond 2^53, and an outcome without a name, are refused', () => {
    const body = fromHex(bodies.resume[0]!.bytes);
    expect(() => orders.parseResume(body.slice().fill(255, 0, 8))).toThrow(refused());
    expect(() => orders.parseResume(body.slice().fill(255, 8, 16))).toThrow(refused());
    expect(() => push.parsePushed(Uint8Array.of(5))).toThrow(refused());
  });

  test('an invitation is good for a second to seven days', () => {
    const grantHash = fromHex(bodies.invite.grantHash);
    for (const lifetimeS of [1, orders.MAX_INVITE_LIFETIME_S - 1, orders.MAX_INVITE_LIFETIME_S]) {
      expect(orders.parseInvite(orders.encodeInvite({ grantHash, lifetimeS })).lifetimeS).toBe(lifetimeS);
    }
    for (const lifetimeS of [0, orders.MAX_INVITE_LIFETIME_S + 1]) {
      expect(() => orders.encodeInvite({ grantHash, lifetimeS })).toThrow(refused());
    }
  });
});

describe('push-register', () => {
  const { bytes, endpoint, p256dh, auth } = bodies.pushRegister;
  const registration = { endpoint, p256dh: fromHex(p256dh), auth: fromHex(auth) };

  test('is that of the vector, and nothing ends it', () => {
    expect(push.parsePushRegister(fromHex(bytes))).toEqual(registration);
    expect(toHex(push.encodePushRegister(registration))).toBe(bytes);
    expect(push.parsePushRegister(push.encodePushRegister(null))).toBeNull();
  });

  test('is refused cut before its address, with a compressed key, and with an address that is not https or too long', () => {
    const body = fromHex(bytes);
    for (let length = 1; length < 81 + 'https://'.length; length++) {
      expect(() => push.parsePushRegister(body.subarray(0, length))).toThrow(refused());
    }
    expect(() => push.parsePushRegister(body.slice().fill(2, 0, 1))).toThrow(refused());
    const longest = `https://${'x'.repeat(push.MAX_PUSH_ENDPOINT_BYTES - 8)}`;
    expect(() => push.encodePushRegister({ ...registration, endpoint: longest })).not.toThrow();
    for (const wrong of [`${longest}x`, 'http://push.example.org/', 'https://a b']) {
      expect(() => push.encodePushRegister({ ...registration, endpoint: wrong })).toThrow(refused());
    }
  });
});

describe('authenticate', () => {
  test.each(bodies.authenticate)('with grant $grant is that of the vector', ({ bytes, grant, origin, signingKey }) => {
    const shown = control.parseAuthenticate(fromHex(bytes));
    expect([shown.grant ? toHex(shown.grant) : null, shown.origin, toHex(shown.signingKey)]).toEqual([
      grant,
      origin,
      signingKey,
    ]);
    expect(toHex(control.encodeAuthenticate(shown))).toBe(bytes);
  });

  test('is refused cut before its origin, with another grant length, and with an origin that is no text', () => {
    for (const { bytes, origin } of bodies.authenticate) {
      const body = fromHex(bytes);
      for (let length = 0; length <= body.length - origin.length; length++) {
        expect(() => control.parseAuthenticate(body.subarray(0, length))).toThrow(refused());
      }
      for (const byte of [0, 0x20, 0x7f, 0xff]) {
        expect(() => control.parseAuthenticate(Uint8Array.of(...body, byte))).toThrow(refused());
      }
      for (const grant of [1, 31, 33, 255]) {
        expect(() => control.parseAuthenticate(body.slice().fill(grant, 160, 161))).toThrow(refused());
      }
    }
  });

  test('an origin of 512 characters is taken, of 513 not', () => {
    const shown = control.parseAuthenticate(fromHex(bodies.authenticate[0]!.bytes));
    expect(() => control.encodeAuthenticate({ ...shown, origin: 'x'.repeat(512) })).not.toThrow();
    for (const origin of ['', 'x'.repeat(513), 'a b']) {
      expect(() => control.encodeAuthenticate({ ...shown, origin })).toThrow(refused());
    }
  });

  test('any bytes are refused or encode to themselves', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 150, maxLength: 230 }), fc.constantFrom(0, 32, 7), (bytes, grant) => {
        bytes.fill(grant, 160, 161).fill(0x61, 161);
        let shown;
        try {
          shown = control.parseAuthenticate(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-frame' });
          return;
        }
        expect(control.encodeAuthenticate(shown)).toEqual(bytes);
      }),
    );
  });

  test('what a device signs to be signed in is that of the vector, for no other place', () => {
    const nonce = brand.parseConnectNonce(fromHex(bodies.challenge.serverNonce));
    const deviceId = brand.parseDeviceId(fromHex(bodies.signIn.deviceId));
    const message = control.signInMessage(nonce, deviceId, bodies.authenticate[0]?.origin ?? '');
    expect(toHex(message)).toBe(bodies.signIn.message);
    expect(toHex(signedBytes('relay-sign-in', message))).toBe(bodies.signIn.signed);
  });

  test('what a device signs to connect is that of the vector', () => {
    const shown = control.parseAuthenticate(fromHex(bodies.authenticate[0]!.bytes));
    const serverNonce = control.parseChallenge(fromHex(bodies.challenge.bytes));
    const deviceId = brand.parseDeviceId(fromHex(bodies.connect.deviceId));
    const message = control.connectMessage(serverNonce, shown.clientNonce, deviceId, shown.origin);
    expect(toHex(message)).toBe(bodies.connect.message);
  });
});

describe('errors', () => {
  test.each(errors)('$code is number $number', ({ code, number, retry, closes, refusal = null, bytes }) => {
    expect(relayErrors[code]).toEqual({ number, retry, closes });
    expect(toHex(encodeRelayError({ code, retryAfterMs: 1500, refusal }))).toBe(bytes);
    expect(parseRelayError(fromHex(bytes))).toMatchObject({
      code,
      retryAfterMs: 1500,
      retryable: retry !== 'no',
      refusal,
    });
  });

  test('a bad-chain says which link and why, and no other error does', () => {
    const refusal = { reason: 'x'.repeat(64), seqno: 0xffff_ffff };
    const body = encodeRelayError({ code: 'bad-chain', refusal });
    expect(parseRelayError(body).refusal).toEqual(refusal);
    for (let length = 0; length < body.length; length++) {
      expect(() => parseRelayError(body.subarray(0, length))).toThrow(refused());
    }
    expect(() => parseRelayError(Uint8Array.of(...body, 0x78))).toThrow(refused());
    for (const reason of ['', 'x'.repeat(65), 'a b']) {
      expect(() => encodeRelayError({ code: 'bad-chain', refusal: { reason, seqno: 1 } })).toThrow(refused());
    }
    expect(() => encodeRelayError({ code: 'bad-chain' })).toThrow(refused());
    expect(() => encodeRelayError({ code: 'conflict', refusal })).toThrow(refused());
  });

  test('a number without a name is refused, and a time beyond its field is cut', () => {
    expect(() => parseRelayError(new Uint8Array(6))).toThrow(refused());
    expect(parseRelayError(encodeRelayError({ code: 'absent', retryAfterMs: 1e12 })).retryAfterMs).toBe(0xffff_ffff);
    expect(isRelayErrorCode('toString')).toBe(false);
  });
});
