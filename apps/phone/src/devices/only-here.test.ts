import { expect, test } from 'vitest';
import { isOnlyHere } from './only-here.ts';

test.each([
  'http://localhost:7722',
  'http://palmkey.localhost',
  'http://127.0.0.1:7722',
  'http://127.1.2.3',
  'http://[::1]:1',
])('%s leads nowhere on another device', (origin) => expect(isOnlyHere(origin)).toBe(true));

test.each([
  'https://palmkey.example.org',
  'https://192.168.1.7:7722',
  'https://localhost.example.org',
  'https://[2001:db8::1]',
])('%s leads to the same place everywhere', (origin) => expect(isOnlyHere(origin)).toBe(false));
