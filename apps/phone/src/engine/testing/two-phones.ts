import { FakeBrowser, type FakeTab, ORIGIN, until } from './fake-browser.ts';
import { PairedPhone } from './paired-phone.ts';

/** A phone whose account is at its relay, with one computer in it; and its recovery words. */
export async function withWords(): Promise<{ readonly phone: PairedPhone; readonly words: string }> {
  const phone = await PairedPhone.create();
  phone.host.enlists = 'agrees';
  await until('posted', () => phone.snapshot.account?.relay != null);
  await phone.host.greet({ from: 1, to: 4 });
  await until('inside', () => phone.snapshot.account?.devices.length === 2);
  const words = await phone.tab.engine.account.newWords();
  await phone.tab.engine.account.keepWords();
  return { phone, words: words.join(' ') };
}

/** Another browser that reaches the same relay, in its first run. */
export async function otherBrowser(
  phone: PairedPhone,
): Promise<{ readonly browser: FakeBrowser; readonly tab: FakeTab }> {
  const browser = new FakeBrowser();
  browser.relays.set(ORIGIN, phone.browser.relay());
  const tab = browser.open();
  await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
  return { browser, tab };
}

/** A second phone of the account, by the words; each knows what the other is called. */
export async function withSecond() {
  const { phone, words } = await withWords();
  const { browser, tab } = await otherBrowser(phone);
  const account = () => tab.engine.getSnapshot().account;
  await tab.engine.joining.rejoin(words, null);
  await tab.engine.joining.confirmRejoin('Second phone');
  await until('seen', () => phone.snapshot.account?.devices.some(({ name }) => name === 'Second phone') === true);
  await until('in step', () => account()?.head.seqno === phone.snapshot.account?.head.seqno);
  await until('named', () => account()?.devices.every(({ name }) => name !== null) === true);
  return { phone, words, second: tab, browser };
}
