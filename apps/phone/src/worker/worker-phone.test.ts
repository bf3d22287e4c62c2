import { parseRequestHash } from '@palmkey/core/requests';
import { fromHex } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import type { FakeTab } from '../engine/testing/fake-browser.ts';
import { quiet, until } from '../engine/testing/fake-browser.ts';
import type { LoginOptions } from '../engine/testing/login-request.ts';
import { loginRequest } from '../engine/testing/login-request.ts';
import { PairedPhone } from '../engine/testing/paired-phone.ts';
import type { WorkerPhone } from './worker-phone.ts';

const greetings = (phone: PairedPhone) => phone.host.heard.filter(({ kind }) => kind === 'here').length;

/** Whether the whole of its answer to the computer's greeting is there. */
function hasAnswered({ host }: PairedPhone): boolean {
  const answer = host.heard.findIndex((content) => content.kind === 'speaks' && content.answer === true);
  return answer >= 0 && host.heard.slice(answer).some(({ kind }) => kind === 'here');
}

/** A phone with its worker; the page is still open. */
async function withWorker() {
  const phone = await PairedPhone.createNew();
  const { board } = phone.browser;
  const { key } = phone;
  /** The computer asks, whether or not a page is there; returns the hash. */
  const ask = async (options: Partial<LoginOptions> = {}) => {
    const { browser, server } = phone;
    const host = { name: 'prod.example.org', port: 22 };
    return phone.host.ask(await loginRequest({ key, now: browser.clock.now(), servers: [server], host, ...options }));
  };
  return { phone, board, worker: phone.browser.startWorker(), ask };
}

/** A phone none of whose pages is open, with its worker. */
async function asleep(before: (phone: PairedPhone) => Promise<unknown> = () => Promise.resolve()) {
  const all = await withWorker();
  await before(all.phone);
  // The page's last greeting is not to be taken for the worker's: what it has begun to send goes on when it is closed.
  await until('the page has answered', () => hasAnswered(all.phone));
  all.phone.tab.close();
  return all;
}

/** Wakes the worker, and lets it connect; `done` resolves when it is through. */
async function wake(phone: PairedPhone, worker: WorkerPhone) {
  const before = greetings(phone);
  const done = worker.push(null);
  await until('the worker has greeted', () => greetings(phone) > before);
  return { done };
}

async function settle(phone: PairedPhone, hash: string, outcome: 'approved' | 'rejected' | 'withdrawn') {
  await phone.host.say({ kind: 'settled', hash: parseRequestHash(fromHex(hash)), outcome, by: null });
}

/** A login to the server is approved, with a permission for more of the same. */
async function permit(phone: PairedPhone) {
  const hash = await phone.asked();
  await phone.tab.engine.decide(hash, 'approve', { scope: 'server', minutes: 30 });
  await phone.answer(hash);
  await settle(phone, hash, 'approved');
  await until('confirmed', () => phone.line(hash)?.confirmed === true);
}

/** A login to the server is approved once, which pins it. */
async function pin(phone: PairedPhone) {
  const hash = await phone.asked();
  await phone.tab.engine.decide(hash, 'approve');
  await phone.answer(hash);
}

async function reopened(phone: PairedPhone): Promise<FakeTab> {
  await phone.open();
  return phone.tab;
}

/** So long after which no worker is at work any more. */
async function outlast(phone: PairedPhone, done: Promise<void>) {
  const ended = done.then(() => true);
  const aSecond = async (): Promise<false> => {
    phone.browser.clock.advance(1_000);
    await quiet(5);
    return false;
  };
  for (let second = 0; second < 40 && !(await Promise.race([ended, aSecond()])); second++);
  await done;
}

describe('a push while no page is open', () => {
  test('shows the question: who asks what, with which key, and the state of the host key', async () => {
    const { phone, board, worker, ask } = await asleep();
    const { done } = await wake(phone, worker);
    const hash = await ask();
    await until('shown', () => board.now.length > 0);
    expect(board.now).toMatchObject([
      {
        tag: `request:${hash}`,
        title: 'laptop: log in to prod.example.org as deploy',
        body: 'Key Work (Ed25519) · host key new\nUnusual: new host',
        actions: ['reject', 'open'],
        hash,
        calls: true,
      },
    ]);
    await outlast(phone, done);
    expect(board.now).toHaveLength(1);
  });

  test('answers what a permission covers, says so once for all of it, and the page finds it in its history', async () => {
    const { phone, board, worker, ask } = await asleep(permit);
    const { done } = await wake(phone, worker);
    const hashes: string[] = [];
    for (let i = 0; i < 3; i++) {
      const hash = await ask();
      hashes.push(hash);
      expect((await phone.answer(hash)).is).toBe('approve');
      await settle(phone, hash, 'approved');
    }
    await outlast(phone, done);
    const line = 'laptop: log in to prod.example.org as deploy';
    expect(board.now).toMatchObject([
      { tag: 'answered', title: 'Palmkey answered 3 times', actions: ['open'], lines: [line, line, line] },
    ]);
    const { engine } = await reopened(phone);
    const lines = engine.getSnapshot().history.filter(({ hash }) => hashes.includes(hash));
    expect(lines.map(({ by, signed, confirmed }) => ({ by, signed, confirmed }))).toEqual(
      hashes.map(() => ({ by: 'permission', signed: true, confirmed: true })),
    );
    expect(engine.getSnapshot().permissions[0]?.uses).toBe(3);
  });

  test('says that nothing could be found out when no relay is reached', async () => {
    const { phone, board, worker } = await asleep();
    phone.browser.relay().goDown();
    await outlast(phone, worker.push(null));
    expect(board.now).toMatchObject([{ tag: 'unfetched', actions: ['open'] }]);
  });

  test('shows what the computer says of a request that cannot be fetched, as its word', async () => {
    const { phone, board, worker } = await asleep();
    const hash = 'cd'.repeat(32);
    const body = await phone.host.seal({
      kind: 'preview',
      hash: parseRequestHash(fromHex(hash)),
      of: { what: 'login', user: 'deploy', server: { name: 'prod.example.org', port: 2222 } },
    });
    phone.browser.relay().goDown();
    await outlast(phone, worker.push(body));
    expect(board.now).toMatchObject([
      {
        tag: `request:${hash}`,
        title: 'laptop asks for your key',
        body: 'It says: log in to prod.example.org:2222 as deploy\nNot checked yet. Open Palmkey to see it.',
        actions: ['open'],
      },
    ]);
    // Pushed once more by whoever kept it, it says nothing of any request.
    await outlast(phone, worker.push(body));
    expect(board.shown.at(-1)).toMatchObject({ tag: 'unfetched' });
  });

  test('says that a request is over which was answered before it was fetched', async () => {
    const { phone, board, worker, ask } = await asleep();
    const first = await wake(phone, worker);
    const hash = await ask();
    await until('shown', () => board.now.length > 0);
    await settle(phone, hash, 'withdrawn');
    await outlast(phone, first.done);
    const of = { what: 'file', namespace: 'file' } as const;
    const body = await phone.host.seal({ kind: 'preview', hash: parseRequestHash(fromHex(hash)), of });
    await outlast(phone, worker.push(body));
    expect(board.now).toMatchObject([{ tag: 'over' }]);
  });

  test('takes the notification away when the request is answered elsewhere', async () => {
    const { phone, board, worker, ask } = await asleep();
    const { done } = await wake(phone, worker);
    const hash = await ask();
    await until('shown', () => board.now.length > 0);
    await settle(phone, hash, 'withdrawn');
    await until('taken away', () => board.now.length === 0);
    await outlast(phone, done);
  });

  test('behind the app lock shows nothing of what is asked, and can only be opened', async () => {
    const { phone, board, worker, ask } = await asleep((phone) =>
      phone.tab.engine.setLock({ code: '123456', afterMinutes: 5, biometric: false }),
    );
    const { done } = await wake(phone, worker);
    const hash = await ask();
    await until('shown', () => board.now.length > 0);
    expect(board.now).toEqual([
      {
        tag: 'locked',
        title: 'Something asks for your key',
        body: 'Open Palmkey to see what it is.',
        actions: ['open'],
        hash: null,
        lines: [],
        calls: true,
      },
    ]);
    await worker.decide(hash, 'reject');
    expect(phone.host.decisions(hash)).toEqual([]);
    await outlast(phone, done);
  });

  test('bothers the person no oftener for being woken anew each time', async () => {
    const { phone, worker, ask } = await asleep();
    const first = await wake(phone, worker);
    const hashes: string[] = [];
    for (let n = 0; n < 30; n++) {
      const hash = await ask();
      await until('taken', () => phone.host.received.includes(hash));
      await settle(phone, hash, 'withdrawn');
      hashes.push(hash);
    }
    const again = phone.browser.startWorker();
    phone.browser.clock.advance(9_000);
    await outlast(phone, first.done);
    const second = await wake(phone, again);
    const answers: string[] = [];
    for (let n = 0; n < 8; n++) {
      const hash = await ask();
      await until('judged', () => phone.host.received.includes(hash));
      await settle(phone, hash, 'withdrawn');
      await quiet();
      answers.push(phone.host.decisions(hash)[0]?.answer.is ?? 'asked');
    }
    expect(answers.filter((answer) => answer === 'asked').length).toBeLessThan(8);
    expect(answers.at(-1)).toBe('refuse');
    await outlast(phone, second.done);
  });

  test('leaves no lock behind: a page that is opened afterwards answers', async () => {
    const { phone, worker, ask } = await asleep();
    const { done } = await wake(phone, worker);
    const hash = await ask();
    await outlast(phone, done);
    const { engine } = await reopened(phone);
    await engine.decide(hash, 'reject');
    expect((await phone.answer(hash)).is).toBe('reject');
  });
});

describe('a subscription that the browser changes', () => {
  test('is told to the relay by the worker, and by it only then', async () => {
    const { phone, worker } = await asleep(async (phone) => {
      phone.browser.relay().facts = { admission: ['open'], own: false, pushKey: new Uint8Array(65).fill(4) };
      await phone.tab.engine.switchNoticesOn();
    });
    const { registrations } = phone.browser.relay();
    const { done } = await wake(phone, worker);
    await outlast(phone, done);
    expect(registrations).toHaveLength(1);
    await phone.browser.push.end();
    await outlast(phone, worker.renew());
    expect(registrations).toHaveLength(2);
    expect(registrations[1]).toEqual(await phone.browser.push.current());
  });
});

describe('a push while a page is open', () => {
  test('is left to one in sight', async () => {
    const { phone, board, worker } = await withWorker();
    await worker.push(null);
    expect([phone.snapshot.phase.is, board.shown]).toEqual(['ready', []]);
  });

  test('is taken from one out of sight, which has the connection again afterwards and stays unlocked', async () => {
    const { phone, board, worker, ask } = await withWorker();
    await phone.tab.engine.setLock({ code: '123456', afterMinutes: 5, biometric: false });
    phone.tab.show(false);
    const { done } = await wake(phone, worker);
    const hash = await ask();
    await until('shown', () => board.now.length > 0);
    expect(board.now[0]?.tag).toBe('locked');
    await outlast(phone, done);
    await until('its turn again', () => phone.snapshot.phase.is === 'ready');
    expect(phone.snapshot.lock).toMatchObject({ is: 'on', locked: false });
    expect(phone.waits(hash)).toBe(true);
    phone.browser.clock.advance(5 * 60_000);
    await until('locked in time', () => phone.snapshot.lock.is === 'on' && phone.snapshot.lock.locked);
  });

  test('is taken from a frozen one, which then has nothing more to say', async () => {
    const { phone, board, worker } = await withWorker();
    phone.tab.show(false);
    phone.tab.seat.frozen = true;
    const done = worker.push(null);
    await outlast(phone, done);
    expect(board.shown).not.toEqual([]);
  });

  test('is never taken from one in sight, even if that says nothing', async () => {
    const { phone, board, worker } = await withWorker();
    phone.tab.seat.frozen = true;
    await outlast(phone, worker.push(null));
    expect(board.now).toMatchObject([{ tag: 'unfetched' }]);
    expect(phone.snapshot.phase.is).toBe('ready');
  });

  test('is taken from a frozen one though another is in sight that has not the connection', async () => {
    const { phone, board, worker } = await withWorker();
    phone.tab.show(false);
    phone.tab.seat.frozen = true;
    const second = phone.browser.open();
    await quiet();
    await outlast(phone, worker.push(null));
    expect(board.shown).not.toEqual([]);
    expect(second.engine.getSnapshot().phase.is).not.toBe('broken');
  });

  test('gives way at once to a page that somebody opens', async () => {
    const { phone, board, worker, ask } = await asleep();
    const { done } = await wake(phone, worker);
    const hash = await ask();
    await until('shown', () => board.now.length > 0);
    await phone.open();
    await done;
    expect(phone.waits(hash)).toBe(true);
  });

  test('a message that both get is acted on once', async () => {
    const { phone, worker, ask } = await withWorker();
    await permit(phone);
    phone.tab.show(false);
    const { done } = await wake(phone, worker);
    const hash = await ask();
    await phone.answer(hash);
    await settle(phone, hash, 'approved');
    await outlast(phone, done);
    await until('its turn again', () => phone.snapshot.phase.is === 'ready');
    const played = phone.browser.relay().carried.filter(({ from }) => from === phone.host.device.id);
    for (const { from, to, body } of played) phone.browser.relay().carry(from, to, body);
    await quiet();
    expect(phone.host.decisions(hash)).toHaveLength(1);
    expect(phone.snapshot.permissions[0]?.uses).toBe(1);
  });
});

describe('an answer on a notification', () => {
  test('rejects in the worker, which says so and takes that away again', async () => {
    const { phone, board, worker, ask } = await asleep();
    const { done: shown } = await wake(phone, worker);
    const hash = await ask();
    await until('shown', () => board.now.length > 0);
    await outlast(phone, shown);
    const done = worker.decide(hash, 'reject');
    expect((await phone.answer(hash)).is).toBe('reject');
    await settle(phone, hash, 'rejected');
    await until('said', () => board.now[0]?.title === 'Rejected');
    await outlast(phone, done);
    expect(board.now).toEqual([]);
  });

  test('that comes when the time is over says so, and decides nothing', async () => {
    const { phone, board, worker, ask } = await asleep();
    const { done: shown } = await wake(phone, worker);
    const hash = await ask();
    await until('shown', () => board.now.length > 0);
    phone.browser.clock.set(phone.browser.clock.now() + 90_000);
    const done = worker.decide(hash, 'reject');
    await until('said', () => board.now[0]?.title === 'Too late');
    await outlast(
      phone,
      Promise.all([shown, done]).then(() => undefined),
    );
    expect(phone.host.decisions(hash)).toEqual([]);
  });

  test('is kept and said again once the relay is there, which the notification says', async () => {
    const { phone, board, worker, ask } = await asleep();
    const { done: shown } = await wake(phone, worker);
    const hash = await ask();
    await until('shown', () => board.now.length > 0);
    await outlast(phone, shown);
    phone.browser.relay().goDown();
    await outlast(phone, worker.decide(hash, 'reject'));
    expect(board.now).toMatchObject([{ tag: `request:${hash}`, title: 'Could not reach the relay' }]);
  });

  test('is carried out by a page in sight', async () => {
    const { phone, board, worker } = await withWorker();
    const hash = await phone.asked();
    const done = worker.decide(hash, 'reject');
    expect((await phone.answer(hash)).is).toBe('reject');
    await outlast(phone, done);
    expect(board.shown).toMatchObject([{ title: 'Rejected' }]);
  });

  test('allows only a routine login with a key that may be used so', async () => {
    const { phone, board, worker, ask } = await asleep(async (phone) => {
      await pin(phone);
      await phone.tab.engine.setNotices({ allowKeys: [phone.snapshot.keys[0]?.id ?? ''] });
    });
    const { done: shown } = await wake(phone, worker);
    const routine = await ask();
    const other = await ask({ host: { name: 'new.example.org', port: 22 } });
    await until('shown', () => board.now.length > 1);
    expect(board.now.map(({ hash, actions }) => ({ hash, actions }))).toEqual([
      { hash: routine, actions: ['allow', 'reject'] },
      { hash: other, actions: ['reject', 'open'] },
    ]);
    await worker.decide(other, 'approve');
    expect(phone.host.decisions(other)).toEqual([]);
    const done = worker.decide(routine, 'approve');
    expect((await phone.answer(routine)).is).toBe('approve');
    await settle(phone, routine, 'approved');
    await outlast(phone, done);
    await outlast(phone, shown);
  });
});
