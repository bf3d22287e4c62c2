import { describe, expect, test } from 'vitest';
import { type FakeTab, ORIGIN, quiet, until } from '../testing/fake-browser.ts';
import { otherBrowser, withSecond, withWords } from '../testing/two-phones.ts';

const accountOf = (tab: FakeTab) => tab.engine.getSnapshot().account;

describe('recovery words', () => {
  test('show the account before anything is added, and then make this browser a device of it', async () => {
    const { phone, words } = await withWords();
    const { browser, tab } = await otherBrowser(phone);
    const seqno = phone.snapshot.account?.head.seqno ?? 0;
    const found = await tab.engine.joining.rejoin(` ${words.toUpperCase()}\n`, null);
    expect(found).toMatchObject({
      id: phone.snapshot.account?.id,
      devices: [{ name: 'phone' }, { name: 'laptop' }, { name: 'Recovery words', kind: 'paper' }],
    });
    expect(found.lastChangeAt).toBe(phone.browser.clock.now());
    await quiet();
    expect(phone.snapshot.account?.head.seqno).toBe(seqno);
    await expect(tab.engine.joining.confirmRejoin('PHONE')).rejects.toMatchObject({ code: 'name-taken' });
    await expect(tab.engine.joining.confirmRejoin('?')).rejects.toMatchObject({ code: 'bad-account-name' });
    await tab.engine.joining.confirmRejoin('Second phone');
    expect(tab.engine.getSnapshot()).toMatchObject({ phase: { is: 'ready' }, deviceName: 'Second phone' });
    await until('seen', () => phone.snapshot.account?.devices.length === 4);
    await until('named', () => phone.snapshot.account?.devices.some(({ name }) => name === 'Second phone') === true);
    tab.close();
    const again = browser.open();
    await until('ready', () => again.engine.getSnapshot().phase.is === 'ready');
    await until('in step', () => accountOf(again)?.head.seqno === phone.snapshot.account?.head.seqno);
    expect(accountOf(again)?.id).toBe(phone.snapshot.account?.id);
  });

  test('that a relay does not know lead to no account, and words that are none are said to be so', async () => {
    const { phone } = await withWords();
    const { tab, browser } = await otherBrowser(phone);
    const others = `${'abandon '.repeat(11)}about`;
    await expect(tab.engine.joining.rejoin(others, null)).rejects.toMatchObject({ code: 'no-chain' });
    await expect(tab.engine.joining.rejoin('abandon', null)).rejects.toMatchObject({ code: 'wrong-word-count' });
    await expect(tab.engine.joining.confirmRejoin('Second phone')).rejects.toMatchObject({ code: 'not-found' });
    phone.browser.relay().goDown();
    const later = expect(tab.engine.joining.rejoin(others, null)).rejects.toMatchObject({ code: 'unreachable' });
    await quiet();
    browser.clock.advance(10_000);
    await later;
  });

  test('lead nowhere any more once the search is cancelled, before it is begun as while it goes on', async () => {
    const { phone, words } = await withWords();
    const { tab } = await otherBrowser(phone);
    const { joining } = tab.engine;
    const before = joining.rejoin(words, null);
    joining.cancelRejoin();
    await expect(before).rejects.toMatchObject({ code: 'not-ready' });
    const { dialled } = phone.browser.relay();
    const during = joining.rejoin(words, null);
    await until('asked', () => phone.browser.relay().dialled > dialled);
    joining.cancelRejoin();
    await expect(during).rejects.toMatchObject({ code: 'not-found' });
    await expect(joining.confirmRejoin('Second phone')).rejects.toMatchObject({ code: 'not-found' });
    expect((await joining.rejoin(words, null)).devices).toHaveLength(3);
  });

  test('make a device of the account also where the relay’s answer to that is lost', async () => {
    const { phone, words } = await withWords();
    const { tab } = await otherBrowser(phone);
    await tab.engine.joining.rejoin(words, null);
    const { chains } = phone.browser.relay();
    chains.losesAnswers = true;
    await expect(tab.engine.joining.confirmRejoin('Second phone')).rejects.toMatchObject({ code: 'unreachable' });
    await until('ready', () => tab.engine.getSnapshot().phase.is === 'ready');
    chains.losesAnswers = false;
    expect(tab.engine.getSnapshot()).toMatchObject({ deviceName: 'Second phone', joining: { is: 'done' } });
    await until('seen', () => phone.snapshot.account?.devices.some(({ name }) => name === 'Second phone') === true);
  });

  test('are replaced by new ones, and the old ones open nothing any more', async () => {
    const { phone, words } = await withWords();
    await phone.tab.engine.account.newWords();
    phone.tab.engine.account.dropWords();
    await expect(phone.tab.engine.account.keepWords()).rejects.toMatchObject({ code: 'no-words' });
    const fresh = await phone.tab.engine.account.newWords();
    await phone.tab.engine.account.keepWords();
    expect(phone.snapshot.account?.hasWords).toBe(true);
    const { tab } = await otherBrowser(phone);
    await expect(tab.engine.joining.rejoin(words, null)).rejects.toMatchObject({ code: 'removed' });
    const found = await tab.engine.joining.rejoin(fresh.join(' '), null);
    expect(found.devices.map(({ name }) => name)).toEqual(['phone', 'laptop', 'Recovery words 2']);
    await phone.reload();
    await until('in step', () => phone.snapshot.account?.alarm === null);
  });
});

describe('a second member', () => {
  test('knows the computers of the account by its chain', async () => {
    const { phone, second } = await withSecond();
    await until('named', () => second.engine.getSnapshot().computers[0]?.name === 'laptop');
    expect(second.engine.getSnapshot().computers).toMatchObject([{ id: phone.host.id, relay: ORIGIN }]);
    expect(accountOf(second)?.outside).toEqual([]);
    await phone.tab.engine.account.revoke(phone.host.id);
    await until('gone', () => second.engine.getSnapshot().computers.length === 0);
    expect(phone.snapshot.computers).toEqual([]);
  });

  test('takes a new per-user key over, and can act with it', async () => {
    const { phone, second } = await withSecond();
    await second.engine.account.newWords();
    await second.engine.account.keepWords();
    await until('heard', () => phone.snapshot.account?.head.seqno === accountOf(second)?.head.seqno);
    const id = phone.snapshot.account?.devices.find(({ name }) => name === 'Second phone')?.id ?? '';
    await phone.tab.engine.account.revoke(id);
    expect(phone.browser.relay().chains.state?.perUserKey.generation).toBe(3);
  });

  test('is given no key that the chain has: nothing is opened or decided, and it is asked for until it is given', async () => {
    const { phone, second } = await withSecond();
    const { chains } = phone.browser.relay();
    chains.withholdsBoxes = true;
    const old = await phone.asked();
    await second.engine.account.newWords();
    await second.engine.account.keepWords();
    await until('alarm', () => phone.snapshot.account?.alarm !== null);
    const seqno = chains.state?.perUserKey.added.seqno;
    expect(phone.snapshot.account?.alarm).toEqual({ code: 'bad-chain', seqno });
    const hash = await phone.host.ask(await phone.login());
    const seen = new Set<string | undefined>();
    phone.tab.engine.subscribe(() => seen.add(phone.snapshot.account?.alarm?.code));
    phone.browser.clock.advance(30_000);
    await quiet();
    await expect(phone.tab.engine.account.check()).rejects.toMatchObject({ code: 'bad-chain' });
    expect([...seen]).toEqual(['bad-chain']);
    await expect(phone.tab.engine.decide(old, 'approve')).rejects.toMatchObject({ code: 'bad-chain' });
    expect(phone.waits(hash)).toBe(false);
    chains.withholdsBoxes = false;
    phone.browser.clock.advance(30_000);
    await until('over', () => phone.snapshot.account?.alarm === null);
    await until('opened', () => phone.waits(hash));
  });

  test('that is revoked says who removed it, decides nothing more, and begins anew', async () => {
    const { phone, second, browser } = await withSecond();
    const id = accountOf(second)?.devices.find(({ self }) => self)?.id ?? '';
    await phone.tab.engine.account.revoke(id);
    await until('told', () => accountOf(second)?.removed !== null);
    expect(accountOf(second)?.removed).toEqual({ at: phone.browser.clock.now(), by: 'phone' });
    await expect(second.engine.decide('00', 'approve')).rejects.toMatchObject({ code: 'removed' });
    await expect(second.engine.account.newWords().then(() => second.engine.account.keepWords())).rejects.toBeInstanceOf(
      Error,
    );
    await expect(phone.tab.engine.beginAnew()).rejects.toMatchObject({ code: 'not-ready' });
    await second.engine.beginAnew();
    expect(second.engine.getSnapshot()).toMatchObject({ phase: { is: 'first-run' }, computers: [], account: null });
    second.close();
    const again = browser.open();
    await until('first run', () => again.engine.getSnapshot().phase.is === 'first-run');
  });

  test.each([
    ['', false],
    [', also at a relay that lets anybody in', true],
  ])('that was away while it was revoked finds it out when it connects%s', async (_, isOpen) => {
    const { phone, second, browser } = await withSecond();
    phone.browser.relay().isOpen = isOpen;
    second.close();
    const id = phone.snapshot.account?.devices.find(({ name }) => name === 'Second phone')?.id ?? '';
    await phone.tab.engine.account.revoke(id);
    const again = browser.open();
    await until('told', () => accountOf(again)?.removed?.by === 'phone');
    expect(accountOf(again)?.alarm).toBeNull();
  });

  test('is added again after another device was faster', async () => {
    const { phone, words } = await withWords();
    const { tab } = await otherBrowser(phone);
    await tab.engine.joining.rejoin(words, null);
    await phone.tab.engine.account.revoke(phone.host.id);
    await tab.engine.joining.confirmRejoin('Second phone');
    expect(tab.engine.getSnapshot().computers).toEqual([]);
  });
});
