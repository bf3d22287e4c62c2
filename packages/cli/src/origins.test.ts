import { describe, expect, it } from 'vitest';
import { parsePort, parsePublicUrl, parseRelayUrl } from './origins.ts';

describe('parsePublicUrl', () => {
  it.each([
    ['https://a.example', 'https://a.example'],
    ['https://a.example:8443/', 'https://a.example:8443'],
    ['http://localhost:7722', 'http://localhost:7722'],
    ['http://127.0.0.1:7722', 'http://127.0.0.1:7722'],
  ])('takes %s', (text, origin) => expect(parsePublicUrl(text)).toBe(origin));

  it.each([
    'http://192.168.1.5:7722',
    'a.example',
    'https://a.example/path',
    'https://u:p@a.example',
    'ftp://a.example',
    '',
  ])('refuses %s', (text) => expect(() => parsePublicUrl(text)).toThrow('bad-public-url'));
});

describe('parseRelayUrl', () => {
  it('takes plain http, which a network of one’s own may have', () => {
    expect(parseRelayUrl('http://10.0.0.1:7722')).toBe('http://10.0.0.1:7722');
  });
  it('refuses a fragment', () => expect(() => parseRelayUrl('https://a.example/#x')).toThrow('bad-relay-url'));
});

describe('parsePort', () => {
  it.each([
    ['0', 0],
    ['65535', 65_535],
  ])('takes %s', (text, port) => expect(parsePort(text)).toBe(port));
  it.each(['65536', '-1', '1.5', '', '0x10', 'http'])('refuses %s', (text) =>
    expect(() => parsePort(text)).toThrow('bad-port'),
  );
});
