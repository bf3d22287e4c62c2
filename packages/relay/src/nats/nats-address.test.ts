import { describe, expect, it } from 'vitest';
import { hostOf, isNatsAddress, parseNatsAddress } from './nats-address.ts';

describe('parseNatsAddress', () => {
  it('reads servers, credentials, prefix and replicas', () => {
    expect(parseNatsAddress('nats://127.0.0.1:4222')).toEqual({
      servers: ['127.0.0.1:4222'],
      tls: false,
      prefix: 'palmkey',
      replicas: 1,
    });
    expect(parseNatsAddress('tls://relay:p%40ss:w@a.example.org,[::1]:4333?replicas=3&prefix=team')).toEqual({
      servers: ['a.example.org', '[::1]:4333'],
      tls: true,
      user: 'relay',
      password: 'p@ss:w',
      prefix: 'team',
      replicas: 3,
    });
    expect(parseNatsAddress('nats://secret@host').token).toBe('secret');
  });

  it('reads several URLs with commas, which say the same of credentials and the rest', () => {
    expect(parseNatsAddress('nats://relay:pass@a:4222,nats://b:4222,c?replicas=3,nats://relay:pass@d')).toEqual({
      servers: ['a:4222', 'b:4222', 'c', 'd'],
      tls: false,
      user: 'relay',
      password: 'pass',
      prefix: 'palmkey',
      replicas: 3,
    });
    for (const text of [
      'nats://a,tls://b',
      'nats://one:word@a,nats://other:word@b',
      'nats://a?replicas=3,nats://b?replicas=5',
      'nats://a,http://b',
    ])
      expect(isNatsAddress(text), text).toBe(false);
  });

  it('knows the host of a server', () => {
    expect(['a.example.org:4222', 'a', '[::1]:4333', '127.0.0.1:1'].map(hostOf)).toEqual([
      'a.example.org',
      'a',
      '::1',
      '127.0.0.1',
    ]);
  });

  it.each([
    '',
    'http://host',
    'nats://',
    'nats://host:port',
    'nats://host/path',
    'nats://host?other=1',
    'nats://host?replicas=2',
    'nats://host?prefix=a.b',
    'nats://%zz@host',
    'nats://host,',
  ])('refuses %j without repeating it', (text) => {
    expect(() => parseNatsAddress(text)).toThrow(expect.objectContaining({ code: 'bad-bus' }));
    expect(() => parseNatsAddress(text)).not.toThrow(/host/);
  });
});
