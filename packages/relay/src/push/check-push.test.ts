import { describe, expect, test } from 'vitest';
import { RelayStartError } from '../errors.ts';
import { checkPush } from './check-push.ts';

describe('checkPush', () => {
  test.each(['mailto:operator@relay.example', 'https://relay.example', 'https://relay.example/contact'])(
    'takes the contact %s',
    (contact) => expect(() => checkPush({ contact, services: ['push.example:8443', '*.push.example'] })).not.toThrow(),
  );

  test.each([
    ['an address without mailto:', { contact: 'operator@relay.example', services: [] }],
    ['a mailto: without an address', { contact: 'mailto:', services: [] }],
    ['a contact by http', { contact: 'http://relay.example', services: [] }],
    ['a service that is a URL', { contact: 'https://relay.example', services: ['https://push.example'] }],
    ['a certificate that is none', { contact: 'https://relay.example', services: [], ca: 'PEM' }],
  ])('refuses %s', (_, options) => {
    let thrown: unknown;
    try {
      checkPush(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RelayStartError);
    expect(thrown).toMatchObject({ code: 'bad-push' });
  });
});
