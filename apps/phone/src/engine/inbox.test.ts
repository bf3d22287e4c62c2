import { parseRequestId } from '@palmkey/core/requests';
import { parseSshSignature } from '@palmkey/core/ssh';
import { beforeEach, describe, expect, test } from 'vitest';
import { quiet, until } from './testing/fake-browser.ts';
import { FakeHost } from './testing/fake-host.ts';
import { PairedPhone } from './testing/paired-phone.ts';

let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.create();
});

async function verifies(request: { data: Uint8Array; key: Uint8Array }, signature: Uint8Array): Promise<boolean> {
  const raw = request.key.slice(-32);
  const key = await crypto.subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify']);
  const parsed = parseSshSignature(signature);
  return crypto.subtle.verify({ name: 'Ed25519' }, key, parsed.signature, new Uint8Array(request.data));
}

describe('a login', () => {
  test('is answered received, shown, signed over the very bytes, and confirmed', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    const [view] = phone.snapshot.waiting;
    expect(view).toMatchObject({
      user: 'deploy', host: { name: 'prod.example.org', port: 22 }, hostKey: { is: 'new' }, unusual: ['new-host'],
      programs: ['zsh', 'ssh'], computer: { name: 'laptop' }, key: { name: 'Work' }, hops: [],
    }); // prettier-ignore
    expect(view!.endsAt - view!.receivedAt).toBe(90_000);
    await until('received', () => phone.host.received.length > 0);
    expect(phone.host.received).toEqual([hash]);
    await phone.tab.engine.decide(hash, 'approve');
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.snapshot.aftermath).toMatchObject({ hash, state: 'sending', title: 'deploy@prod.example.org' });
    const answer = await phone.answer(hash);
    expect(answer.is === 'approve' && (await verifies(request, answer.signature))).toBe(true);
    expect(phone.line(hash)).toMatchObject({ outcome: 'approved', confirmed: false, host: 'prod.example.org' });
    await phone.host.settle(hash, 'approved');
    await until('confirmed', () => phone.snapshot.aftermath?.state === 'confirmed');
    expect(phone.line(hash)).toMatchObject({ outcome: 'approved', confirmed: true });
  });

  test('rejected sends a reject and pins nothing', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'reject');
    expect(await phone.answer(hash)).toEqual({ is: 'reject' });
    const again = await phone.asked();
    expect(phone.logins.find((view) => view.hash === again)?.hostKey.is).toBe('new');
  });

  test('asked again while it waits is shown once and received twice', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    await phone.host.ask(request);
    await until('received again', () => phone.host.received.length === 2);
    await quiet();
    expect(phone.snapshot.waiting).toHaveLength(1);
  });

  test('asked again after the answer gets the same answer', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    await phone.tab.engine.decide(hash, 'approve');
    const first = await phone.answer(hash);
    await phone.host.ask(request);
    await until('answered again', () => phone.host.decisions(hash).length === 2);
    expect(phone.host.decisions(hash)[1]?.answer).toEqual(first);
    expect(phone.snapshot.waiting).toEqual([]);
  });

  test('decided twice is signed and sent once', async () => {
    const hash = await phone.asked();
    const { engine } = phone.tab;
    expect(await Promise.all([engine.decide(hash, 'approve'), engine.decide(hash, 'reject')])).toEqual([true, false]);
    expect(await engine.decide(hash, 'reject')).toBe(false);
    await phone.answer(hash);
    await quiet();
    expect(phone.host.decisions(hash).map(({ answer }) => answer.is)).toEqual(['approve']);
  });

  test('decided once another phone’s answer was heard does not count, and is not said to', async () => {
    const hash = await phone.asked();
    await phone.host.settle(hash, 'rejected');
    await until('settled', () => !phone.waits(hash));
    expect(await phone.tab.engine.decide(hash, 'approve')).toBe(false);
    expect(phone.snapshot.aftermath).toBeNull();
    expect(phone.line(hash)).toMatchObject({ outcome: 'rejected', signed: false });
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
  });

  test('with the id of another is refused, and the other stays', async () => {
    const id = parseRequestId(new Uint8Array(16).fill(9));
    const hash = await phone.asked({ id });
    const other = await phone.host.ask(await phone.login({ id, user: 'root' }));
    expect(await phone.answer(other)).toEqual({ is: 'refuse', code: 'id-reuse', skew: null });
    expect(phone.waits(hash)).toBe(true);
    expect(phone.snapshot.waiting).toHaveLength(1);
  });

  test('that another computer copies is refused', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    const other = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    await phone.addComputer(other);
    await other.ask(request);
    await until('refused', () => other.decisions(hash).length > 0);
    expect(other.decisions(hash)[0]?.answer).toMatchObject({ is: 'refuse', code: 'id-reuse' });
    expect(phone.snapshot.waiting).toHaveLength(1);
  });

  test('that ends on the screen leaves it and is not signed', async () => {
    const hash = await phone.asked();
    phone.browser.clock.advance(90_000);
    await until('expired', () => phone.line(hash)?.outcome === 'expired');
    expect(phone.snapshot.waiting).toEqual([]);
    await phone.tab.engine.decide(hash, 'approve');
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
  });

  test('decided at its end, before the alarm, is not signed', async () => {
    const hash = await phone.asked();
    phone.browser.clock.set(phone.browser.clock.now() + 90_000);
    expect(await phone.tab.engine.decide(hash, 'approve')).toBe(false);
    expect(phone.snapshot.aftermath).toMatchObject({ hash, state: 'unconfirmed', outcome: 'expired' });
    expect(phone.line(hash)?.outcome).toBe('expired');
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
  });

  test('gains no time when the clock is set back', async () => {
    const hash = await phone.asked();
    phone.browser.clock.set(phone.browser.clock.now() - 10 * 60_000);
    phone.browser.clock.advance(90_000);
    await until('expired', () => phone.line(hash)?.outcome === 'expired');
  });

  test('settled without this phone leaves the screen', async () => {
    const hash = await phone.asked();
    await phone.host.settle(hash, 'withdrawn');
    await until('withdrawn', () => phone.line(hash)?.outcome === 'withdrawn');
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.line(hash)?.confirmed).toBe(false);
  });

  test('settled otherwise than it was answered here tells what became of it', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve');
    await phone.host.settle(hash, 'rejected');
    await until('confirmed', () => phone.snapshot.aftermath?.state === 'confirmed');
    expect(phone.snapshot.aftermath?.outcome).toBe('rejected');
    // A signature that has left is not taken back by the computer's word.
    expect(phone.line(hash)).toMatchObject({ outcome: 'rejected', confirmed: true, signed: true });
  });

  test.each([20, 30])('of %i at once are all shown, and the 31st is one too many', async (count) => {
    const hashes = await Promise.all(
      Array.from({ length: count }, async (_, i) => phone.host.ask(await phone.login({ user: `user${i}` }))),
    );
    await until('all waiting', () => phone.snapshot.waiting.length === count);
    expect(new Set(phone.snapshot.waiting.map(({ hash }) => hash))).toEqual(new Set(hashes));
    const next = await phone.host.ask(await phone.login());
    if (count < 30) return until('one more', () => phone.waits(next));
    expect(await phone.answer(next)).toMatchObject({ is: 'refuse', code: 'busy' });
    expect(phone.snapshot.waiting).toHaveLength(30);
    expect(phone.snapshot.computers[0]?.flooded).toMatchObject({ refused: 1 });
  });
});
