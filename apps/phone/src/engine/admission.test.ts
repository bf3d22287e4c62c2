import { sha256, verifySignature, webPrimitives } from '@palmkey/core/crypto';
import { deviceIdOf } from '@palmkey/core/devices';
import {
  fromBase64Url,
  parseAgreementPublicKey,
  parseSignature,
  parseSigningPublicKey,
  signInMessage,
  toBase64Url,
  toHex,
} from '@palmkey/envelope';
import { beforeEach, describe, expect, test } from 'vitest';
import { grantOf, newInvitation } from './admission.ts';
import type { FakeTab } from './testing/fake-browser.ts';
import { FakeBrowser, quiet, until } from './testing/fake-browser.ts';
import { signInNonce } from './testing/fake-relay.ts';
import { PairedPhone } from './testing/paired-phone.ts';

const relay = 'http://localhost:7210';
const code = '01234-56789-ABCDE-FGHJK';

describe('grantOf', () => {
  test('is the hash of the code, however it was typed', () => {
    const expected = toHex(sha256(new TextEncoder().encode('palmkey/invitation/10123456789ABCDEFGHJK')));
    for (const typed of [code, ' o1234 56789abcde-fghjk ', code.replace('01', 'OL').toLowerCase()])
      expect(toHex(grantOf(typed))).toBe(expected);
  });

  test.each([
    ['', 'length'],
    ['01234-56789', 'length'],
    [`${code}-00000`, 'length'],
    ['01234-56789-ABCDE-FGHJU', 'letter'],
  ])('refuses %j by %s', (typed, fault) => {
    expect(() => grantOf(typed)).toThrow(expect.objectContaining({ code: fault }) as Error);
  });

  test('of a new invitation is the one that its hash names', () => {
    const made = newInvitation((length) => crypto.getRandomValues(new Uint8Array(length)));
    expect(toHex(sha256(grantOf(made.code)))).toBe(toHex(made.grantHash));
  });
});

describe('a phone', () => {
  test('shows an invitation until it is admitted, also after a reload', async () => {
    const phone = await PairedPhone.createNew();
    const grant = toHex(grantOf(code));
    phone.browser.relay().goDown();
    await expect(phone.tab.engine.useInvitation(relay, 'nonsense')).rejects.toMatchObject({ code: 'length' });
    await phone.tab.engine.useInvitation(relay, code);
    expect(phone.browser.relay().grants).toEqual([grant]);
    phone.tab.engine.close();
    phone.browser.open();
    await quiet();
    expect(phone.browser.relay().grants).toEqual([grant, grant]);
    phone.browser.relay().comeUp();
    await quiet();
    const after = phone.browser.relay().grants.length;
    phone.browser.open();
    await quiet();
    expect(phone.browser.relay().grants).toHaveLength(after);
  });

  test('gives an invitation whose code only it knows', async () => {
    const phone = await PairedPhone.createNew();
    const made = await phone.tab.engine.invite(relay);
    expect(phone.browser.relay().invitations).toEqual([
      { grantHash: toHex(sha256(grantOf(made.code))), lifetimeS: 86_400 },
    ]);
    expect(made.endsAt).toBe(phone.browser.clock.now() + 86_400_000);
    phone.browser.relay().goDown();
    await expect(phone.tab.engine.invite(relay)).rejects.toMatchObject({ code: 'not-connected' });
  });

  test('signs in with its own keys, and comes back to the app', async () => {
    const phone = await PairedPhone.createNew();
    const form = await phone.tab.engine.signInForm(relay);
    expect(form).toMatchObject({ action: `${relay}/v1/github/start`, fields: { back: relay } });
    expect(fromBase64Url(form?.fields.signingKey ?? '')).toHaveLength(32);
    expect(fromBase64Url(form?.fields.agreementKey ?? '')).toHaveLength(32);
  });

  test('signs in by a signature over the relay’s nonce, for that relay alone', async () => {
    const phone = await PairedPhone.createNew();
    const { fields = {} } = (await phone.tab.engine.signInForm(relay)) ?? {};
    expect(fields).toMatchObject({ origin: relay, nonce: toBase64Url(signInNonce) });
    const bytes = (name: string) => fromBase64Url(fields[name] ?? '');
    const key = parseSigningPublicKey(bytes('signingKey'));
    const id = deviceIdOf(key, parseAgreementPublicKey(bytes('agreementKey')));
    const holds = (origin: string) =>
      verifySignature(
        webPrimitives,
        key,
        'relay-sign-in',
        signInMessage(signInNonce, id, origin),
        parseSignature(bytes('signature')),
      );
    expect(await holds(relay)).toBe(true);
    expect(await holds('http://localhost:7211')).toBe(false);
  });

  test('is told when a relay gives no nonce to sign in with', async () => {
    const phone = await PairedPhone.createNew();
    phone.browser.relay().goDown();
    await expect(phone.tab.engine.signInForm(relay)).rejects.toMatchObject({ code: 'not-connected' });
  });

  test('is told when a relay takes no sign-in from this app’s address', async () => {
    const phone = await PairedPhone.createNew();
    phone.browser.relay().knowsApp = false;
    await expect(phone.tab.engine.signInForm(relay)).rejects.toMatchObject({ code: 'wrong-origin' });
  });
});

describe('a phone without a computer', () => {
  let browser: FakeBrowser;
  let tab: FakeTab;

  beforeEach(async () => {
    browser = new FakeBrowser();
    tab = browser.open();
    await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
    await tab.engine.createAccountKey({ deviceName: 'phone', keyName: 'Work' });
  });

  const asks = async () => {
    await tab.engine.lookAtRelay();
    return tab.engine.getSnapshot().asks;
  };

  test.each([[['invitation', 'github']], [['invitation']]] as const)(
    'finds that a relay with %j asks, and once it is in, that it knows this device',
    async (admission) => {
      browser.relay().facts = { admission, own: false, pushKey: null };
      browser.relay().refuses = 'not-admitted';
      browser.relay().goodGrant = toHex(grantOf(code));
      expect(await asks()).toEqual({ relay, knows: false });
      expect(browser.relay().present).toBe(0);
      await tab.engine.useInvitation(relay, code);
      expect(tab.engine.getSnapshot().asks).toEqual({ relay, knows: true });
    },
  );

  test.each([
    [{ admission: ['open', 'invitation'], own: false }],
    [{ admission: [], own: false }],
    [{ admission: ['invitation'], own: true }],
    [{ admission: ['invitation', 'github'], own: true }],
  ] as const)('is led nowhere by a relay of %j, and does not connect there', async (facts) => {
    browser.relay().facts = { ...facts, pushKey: null };
    browser.relay().refuses = 'not-admitted';
    const { dialled } = browser.relay();
    expect(await asks()).toBeNull();
    expect(browser.relay().dialled).toBe(dialled);
  });

  test.each(['blocked', 'rate-limited'] as const)('is led nowhere where the relay says %s', async (refuses) => {
    browser.relay().facts = { admission: ['github'], own: false, pushKey: null };
    browser.relay().refuses = refuses;
    expect(await asks()).toBeNull();
  });

  test('finds no relay that asks where none answers', async () => {
    browser.relay().facts = { admission: ['github'], own: false, pushKey: null };
    browser.relay().goDown();
    expect(await asks()).toBeNull();
  });

  test('shows nothing to a relay that is neither the app’s nor of a computer, and does not connect there', async () => {
    const foreign = 'https://relay.example.net';
    await expect(tab.engine.useInvitation(foreign, code)).rejects.toMatchObject({ code: 'foreign-relay' });
    await expect(tab.engine.invite(foreign)).rejects.toMatchObject({ code: 'foreign-relay' });
    expect(await tab.engine.signInForm(foreign)).toBeNull();
    expect(browser.relay(foreign).dialled).toBe(0);
  });

  test('invites at a relay that knows it, and is not connected there afterwards', async () => {
    const { code } = await tab.engine.invite(relay);
    expect(browser.relay().invitations).toMatchObject([{ grantHash: toHex(sha256(grantOf(code))) }]);
    expect(browser.relay().present).toBe(0);
    expect(browser.relay().registrations).toEqual([]);
  });

  test('is told why a relay refuses it, for an order and for a code', async () => {
    browser.relay().refuses = 'not-admitted';
    await expect(tab.engine.invite(relay)).rejects.toMatchObject({ code: 'not-admitted' });
    await expect(tab.engine.useInvitation(relay, code)).rejects.toMatchObject({ code: 'not-admitted' });
    expect(browser.relay().invitations).toEqual([]);
    browser.relay().refuses = 'blocked';
    await expect(tab.engine.invite(relay)).rejects.toMatchObject({ code: 'blocked' });
  });

  test('is in once its code was taken, and then invites', async () => {
    browser.relay().refuses = 'not-admitted';
    browser.relay().goodGrant = toHex(grantOf(code));
    await tab.engine.useInvitation(relay, code);
    expect(browser.relay().grants).toEqual([toHex(grantOf(code))]);
    expect(browser.relay().present).toBe(0);
    await tab.engine.invite(relay);
    expect(browser.relay().invitations).toHaveLength(1);
  });

  test('gives an order up where the relay says nothing for ten seconds', async () => {
    browser.relay().goDown();
    const made = tab.engine.invite(relay);
    const refused = expect(made).rejects.toMatchObject({ code: 'not-connected' });
    await quiet();
    browser.clock.advance(10_000);
    await refused;
    browser.relay().comeUp();
    await quiet();
    expect(browser.relay().present).toBe(0);
  });

  test('ends an order when the app goes away', async () => {
    browser.relay().goDown();
    const refused = expect(tab.engine.invite(relay)).rejects.toMatchObject({ code: 'not-connected' });
    await quiet();
    tab.close();
    await refused;
  });
});
