import { describe, expect, it } from 'vitest';
import { parseNatsAddress } from './nats-address.ts';

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
