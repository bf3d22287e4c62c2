/** What tests of moving play on: an account at its first relay, with one phone or two. */
import { consent, encodeLinks, laterLink, parseFactsHash, placeFollowing, signLink } from '@palmkey/chain';
import { sha256 } from '@palmkey/core/crypto';
import { publicDevice } from '@palmkey/core/devices';
import type { AccountView } from '../../model/account-view.ts';
import { FakeBrowser, type FakeTab, ORIGIN, until } from './fake-browser.ts';
import { newDeviceKeys } from './fake-host.ts';
import { PairedPhone } from './paired-phone.ts';

/** Where the account is moved to. */
export const NEW = 'https://new.example.org';

/** A phone with a computer in its account, at the first relay. */
export async function atFirst() {
  const phone = await PairedPhone.create();
  phone.host.enlists = 'agrees';
  await until('posted', () => phone.snapshot.account?.relay === ORIGIN);
  await phone.host.greet({ from: 1, to: 5 });
  await until('inside', () => phone.snapshot.account?.devices.length === 2);
  return phone;
}

/** A second phone of the account, by recovery words. */
export async function withSecond() {
  return withSecondOf(await atFirst());
}

/** The same of a phone that is there already. */
export async function withSecondOf(phone: PairedPhone, name = 'Second phone') {
  const words = await phone.tab.engine.account.newWords();
  await phone.tab.engine.account.keepWords();
  const browser = new FakeBrowser();
  browser.relays.set(ORIGIN, phone.browser.relay());
  browser.relays.set(NEW, phone.browser.relay(NEW));
  const tab = browser.open();
  await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
  await tab.engine.joining.rejoin(words.join(' '), null);
  await tab.engine.joining.confirmRejoin(name);
  await until('in step', () => accountOf(tab)?.head.seqno === phone.snapshot.account?.head.seqno);
  return { phone, browser, second: tab };
}

/** Has so many computers come into the phone's account and leave it. */
export async function lengthen(phone: PairedPhone, computers: number): Promise<void> {
  const device = await phone.device();
  const { chains } = phone.browser.relay();
  const author = { ctime: phone.browser.clock.now(), signer: device.id };
  for (let n = 0; n < computers; n++) {
    const { state, links: before } = chains;
    const last = before.at(-1);
    if (state === null || last === undefined) throw new RangeError('no chain');
    const host = await newDeviceKeys();
    const { agreementKey, id, signingKey } = publicDevice(host.signer.publicKey, host.agreement.publicKey);
    const asked = { agreementKey, facts: parseFactsHash(new Uint8Array(32)), id, signingKey };
    const place = placeFollowing(sha256, last);
    const joins = await signLink(
      device.signer,
      await consent(host.signer, place, author, { type: 'host', device: asked }),
    );
    const leaves = laterLink(placeFollowing(sha256, joins), author, { type: 'revoke', body: { devices: [id] } });
    const links = encodeLinks([joins, await signLink(device.signer, leaves)]);
    await chains.post(device.id, { prev: state.head, links, boxes: [], seeds: [] });
  }
  await phone.tab.engine.account.check();
  await until('in step', () => phone.snapshot.account?.head.seqno === chains.state?.head.seqno);
}

export const accountOf = (tab: FakeTab): AccountView | null => tab.engine.getSnapshot().account;
/** What the computer was told of moves. */
export const told = (phone: PairedPhone) => phone.host.heard.filter(({ kind }) => kind === 'moved');

/** Begins a move. */
export async function move(phone: PairedPhone, to = NEW): Promise<void> {
  await phone.tab.engine.moving.look(to, null);
  await phone.tab.engine.moving.begin();
}
