import { concat, toBase64Url, toHex } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KeyAgreement } from '../crypto/index.ts';
import { parseDeviceName } from '../devices/index.ts';
import { fixedAgreement, fixedBytes } from '../testing/fixed-keys.ts';
import { PairingError } from './errors.ts';
import {
  encodePairingLink,
  pairingUrl,
  parsePairingLink,
  parsePairingUrl,
  rendezvousIdOf,
  type PairingLink,
} from './link.ts';

const privateKey = fixedBytes('link private');
let agreement: KeyAgreement;
let link: PairingLink;

beforeAll(async () => {
  agreement = await fixedAgreement(privateKey);
  link = { relay: 'https://relay.example.org', sessionKey: agreement.publicKey, hostName: parseDeviceName('laptop') };
});

const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof PairingError) return error.code;
    throw error;
  }
  return 'nothing thrown';
};
const payload = (relay: string, name: string | Uint8Array) => {
  const relayBytes = new TextEncoder().encode(relay);
  const nameBytes = typeof name === 'string' ? new TextEncoder().encode(name) : name;
  return concat(
    Uint8Array.of(1),
    agreement.publicKey,
    Uint8Array.of(relayBytes.length),
    relayBytes,
    Uint8Array.of(nameBytes.length),
    nameBytes,
  );
};

describe('encodePairingLink', () => {
  it('serialises version, public key, relay and host name, byte for byte, and nothing else', () => {
    const expected = concat(
      Uint8Array.of(1),
      agreement.publicKey,
      Uint8Array.of(25),
      new TextEncoder().encode('https://relay.example.org'),
      Uint8Array.of(6),
      new TextEncoder().encode('laptop'),
    );
    expect(encodePairingLink(link)).toEqual(expected);
    const withMore = { ...link, privateKey, agreement, extra: 'more' };
    expect(encodePairingLink(withMore)).toEqual(expected);
  });

  it('never holds the private key: not raw, not in hex, not in base64', () => {
    const bytes = encodePairingLink({ ...link, ...{ privateKey } });
    const texts = [
      pairingUrl('https://app.example.org', { ...link, ...{ privateKey } }),
      String.fromCharCode(...bytes),
    ];
    const base64 = btoa(String.fromCharCode(...privateKey));
    // base64 of a part of longer bytes has one of three alignments.
    const aligned = [0, 1, 2].map((skip) => toBase64Url(privateKey.subarray(skip, 30 + skip)).slice(2, -2));
    const needles = [
      toHex(privateKey),
      base64,
      toBase64Url(privateKey),
      String.fromCharCode(...privateKey),
      ...aligned,
    ];
    for (const needle of needles) for (const text of texts) expect(text).not.toContain(needle);
    const url = texts[0];
    const publicPart = toBase64Url(agreement.publicKey.subarray(2, 32)).slice(2, -2);
    expect(url).toContain(publicPart);
  });

  it('refuses a relay that is no origin', () => {
    for (const relay of [
      '',
      'relay',
      'https://relay/path',
      'https://relay/',
      'ftp://relay',
      `https://${'x'.repeat(250)}`,
    ]) {
      expect(
        code(() => encodePairingLink({ ...link, relay })),
        relay,
      ).toBe('bad-link');
    }
  });
});

describe('parsePairingLink', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'https://a.example',
          'http://127.0.0.1:7477',
          'http://[::1]:1',
          'https://xn--bcher-kva.example:8443',
        ),
        fc.stringMatching(/^[a-zA-Zäöü0-9-]{1,64}$/),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (relay, name, key) => {
          const made: PairingLink = {
            relay,
            hostName: parseDeviceName(name),
            sessionKey: key as PairingLink['sessionKey'],
          };
          expect(parsePairingLink(encodePairingLink(made))).toEqual(made);
          expect(parsePairingUrl(pairingUrl('https://app.example', made))).toEqual(made);
        },
      ),
    );
  });

  it('refuses every truncation and a byte too many', () => {
    const bytes = encodePairingLink(link);
    for (let length = 0; length < bytes.length; length++) {
      expect(code(() => parsePairingLink(bytes.subarray(0, length)))).toBe('bad-link');
    }
    expect(code(() => parsePairingLink(concat(bytes, Uint8Array.of(0))))).toBe('bad-link');
  });

  it('takes the longest names and refuses what is longer', () => {
    const longest = `https://${'x'.repeat(63)}.${'y'.repeat(63)}.${'z'.repeat(63)}.${'w'.repeat(55)}`;
    expect(longest).toHaveLength(255);
    expect(parsePairingLink(payload(longest, 'x'.repeat(64))).relay).toBe(longest);
    expect(code(() => parsePairingLink(payload('https://a', 'x'.repeat(65))))).toBe('bad-link');
  });

  it.each([
    ['another version', () => Uint8Array.of(2, ...encodePairingLink(link).subarray(1)), 'version'],
    ['no relay', () => payload('', 'laptop'), 'bad-link'],
    ['a relay with a path', () => payload('https://relay/x', 'laptop'), 'bad-link'],
    ['a relay in capitals', () => payload('https://RELAY', 'laptop'), 'bad-link'],
    ['a relay with the default port', () => payload('https://relay:443', 'laptop'), 'bad-link'],
    ['a relay with credentials', () => payload('https://a:b@relay', 'laptop'), 'bad-link'],
    ['a relay of another scheme', () => payload('javascript:alert(1)', 'laptop'), 'bad-link'],
    ['no host name', () => payload('https://relay', ''), 'bad-link'],
    ['a host name that reorders the screen', () => payload('https://relay', 'a\u202Eb'), 'bad-link'],
    ['a host name that is not UTF-8', () => payload('https://relay', Uint8Array.of(255)), 'bad-link'],
  ])('refuses %s', (_, make, expected) => {
    expect(code(() => parsePairingLink(make()))).toBe(expected);
  });
});

describe('parsePairingUrl', () => {
  it('allows white space around it, and no other change', () => {
    const url = pairingUrl('https://app.example/', link);
    expect(url).toMatch(/^https:\/\/app\.example\/pair#[\w-]+$/);
    expect(parsePairingUrl(`\n  ${url}\t `)).toEqual(link);
    const payloadText = url.slice(url.indexOf('#') + 1);
    for (const bad of [
      '',
      'x',
      payloadText,
      `${url}=`,
      `${url} x`,
      url.replace('/pair', '/other'),
      url.replace('https', 'ftp'),
      `${url}#`,
      url.replace('#', '?'),
      `${url}${'A'.repeat(2048)}`,
    ]) {
      expect(
        code(() => parsePairingUrl(bad)),
        bad,
      ).toBe('bad-link');
    }
  });
});

describe('rendezvousIdOf', () => {
  it('depends on the key', () => {
    expect(rendezvousIdOf(agreement.publicKey)).toHaveLength(32);
    expect(rendezvousIdOf(agreement.publicKey)).not.toEqual(
      rendezvousIdOf(fixedBytes('other') as PairingLink['sessionKey']),
    );
  });
});
