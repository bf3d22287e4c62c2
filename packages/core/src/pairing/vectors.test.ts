import { concat, fromHex, isWellFormedSignature, signedBytes, toHex } from '@palmkey/envelope';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { platformSha256 as sha256 } from '../testing/platform-sha256.ts';
import { decode } from './conversation.ts';
import { encodePairingLink, pairingUrl, parsePairingLink, parsePairingUrl, rendezvousIdOf } from './link.ts';
import { codeOf, commitmentOf, transcriptOf } from './transcript.ts';
import { encodeMessage, type MessageName, schemas } from './wire.ts';

interface Page {
  linkPrivate: string;
  links: { relay: string; sessionKey: string; hostName: string; payload: string; url: string; rendezvous: string }[];
  invalidLinks: { name: string; code: string; payload: string }[];
  pairing: {
    sessionPrivate: string;
    sessionKey: string;
    boxKey: string;
    messages: { name: MessageName; sealed?: string; boxed?: string; plaintext: string }[];
    transcript: string;
    code: string;
    phoneSigningKey: string;
    phoneSignature: string;
    hostSigningKey: string;
    hostSignature: string;
  };
  invalidMessages: { message: MessageName; name: string; code: string; plaintext: string }[];
}
const page = readPage('pairing') as Page;
const { pairing } = page;
const lp = (hex: string) => {
  const bytes = fromHex(hex);
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, bytes.length);
  return concat(new Uint8Array(length.buffer), bytes);
};
const plaintextOf = (name: MessageName) => pairing.messages.find((message) => message.name === name)!.plaintext;

beforeAll(async () => {
  await sodium.ready;
});

describe('vectors/pairing.json', () => {
  it.each(page.links)('reads the link $url', async ({ relay, sessionKey, hostName, payload, url, rendezvous }) => {
    const link = parsePairingLink(fromHex(payload));
    expect({ ...link, sessionKey: toHex(link.sessionKey) }).toEqual({ relay, sessionKey, hostName });
    expect(toHex(encodePairingLink(link))).toBe(payload);
    expect(pairingUrl('https://app.example.org', link)).toBe(url);
    expect(parsePairingUrl(url)).toEqual(link);
    expect(toHex(rendezvousIdOf(link.sessionKey))).toBe(rendezvous);
    expect(toHex(await sha256('palmkey/rendezvous/1', fromHex(sessionKey)))).toBe(rendezvous);
  });

  it.each(page.invalidLinks)('refuses a link with $name', ({ payload, code }) => {
    expect(() => parsePairingLink(fromHex(payload))).toThrow(expect.objectContaining({ code }));
  });

  it('holds messages that libsodium opens', () => {
    const linkPrivate = fromHex(page.linkPrivate);
    const linkPublic = sodium.crypto_scalarmult_base(linkPrivate);
    const sessionPublic = sodium.crypto_scalarmult_base(fromHex(pairing.sessionPrivate));
    expect(toHex(sessionPublic)).toBe(pairing.sessionKey);
    for (const { sealed, boxed, plaintext } of pairing.messages) {
      const box = fromHex(boxed ?? '');
      const opened =
        sealed === undefined
          ? sodium.crypto_box_open_easy(box.subarray(24), box.subarray(0, 24), sessionPublic, linkPrivate)
          : sodium.crypto_box_seal_open(fromHex(sealed), linkPublic, linkPrivate);
      expect(toHex(opened)).toBe(plaintext);
    }
  });

  it.each(pairing.messages)('holds a $name that is canonical and whole', ({ name, plaintext }) => {
    expect(toHex(encodeMessage(decode(fromHex(plaintext), schemas[name])))).toBe(plaintext);
    const bytes = fromHex(plaintext);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decode(bytes.subarray(0, length), schemas[name])).toThrow(
        expect.objectContaining({ code: 'bad-message' }),
      );
    }
  });

  it('gives the commitment, the transcript, the code and the signatures', async () => {
    const hello = decode(fromHex(plaintextOf('hello')), schemas.hello);
    const request = decode(fromHex(plaintextOf('me-request')), schemas['me-request']);
    const { reveal, signature } = decode(fromHex(plaintextOf('me-response')), schemas['me-response']);
    const payload = page.links[0]!.payload;

    expect(hello.commitment).toEqual(await sha256('palmkey/pairing-commit/1', hello.sessionKey, reveal));
    expect(commitmentOf(hello.sessionKey, reveal)).toEqual(hello.commitment);
    expect(request.hello).toEqual(await sha256(fromHex(plaintextOf('hello'))));

    const parts = [payload, plaintextOf('hello'), plaintextOf('me-request'), toHex(reveal)];
    const transcript = await sha256('palmkey/pairing-transcript/1', ...parts.map(lp));
    expect(toHex(transcript)).toBe(pairing.transcript);
    const [link, m1, m2] = parts.map(fromHex);
    expect(toHex(transcriptOf(link!, m1!, m2!, reveal))).toBe(pairing.transcript);

    const hash = await sha256('palmkey/pairing-code/1', transcript);
    const number = new DataView(hash.buffer).getBigUint64(0) % 1_000_000n;
    expect(String(number).padStart(6, '0')).toBe(pairing.code);
    expect(codeOf(transcript)).toBe(pairing.code);

    expect(toHex(signature)).toBe(pairing.phoneSignature);
    for (const [context, key, bytes] of [
      ['pairing-phone', pairing.phoneSigningKey, pairing.phoneSignature],
      ['pairing-host', pairing.hostSigningKey, pairing.hostSignature],
    ] as const) {
      const message = signedBytes(context, transcript);
      expect(isWellFormedSignature(fromHex(key), fromHex(bytes))).toBe(true);
      expect(sodium.crypto_sign_verify_detached(fromHex(bytes), message, fromHex(key))).toBe(true);
    }
  });

  it.each(page.invalidMessages)('refuses $message with $name', ({ message, plaintext, code }) => {
    expect(() => decode(fromHex(plaintext), schemas[message])).toThrow(expect.objectContaining({ code }));
  });
});
