/** Vectors for spec/account.md: `account.json`. */
import { type ChainState, encodeLinks, replay, sibkeySkeleton, type SignedLink } from '@palmkey/chain';
import { AccountMaker, inLink } from '../packages/chain/src/testing/account-maker.ts';
import { faults } from './account-faults.ts';
import { accountKit, accountPrimitives as primitives } from './account-kit.ts';
import { writePage } from './page.ts';

const after = async (chain: AccountMaker, make: (chain: AccountMaker) => Promise<unknown>): Promise<AccountMaker> => {
  const next = chain.fork();
  await make(next);
  return next;
};
const nothing = new AccountMaker(accountKit());
const eldest = await after(nothing, (chain) => chain.eldest('phone'));
const all = await after(eldest, async (chain) => {
  await chain.paper('phone', 'words');
  await chain.member('phone', 'tablet');
  await chain.host('tablet', 'laptop');
});
const beginnings = { nothing, eldest, all };

const valid = Object.entries({
  'one device': eldest,
  'one device, words and a host': all,
  'every type': await after(all, async (chain) => {
    await chain.puk('tablet');
    await chain.revoke('laptop', 'laptop');
  }),
  'hosts revoked, which asks for no new generation': await after(all, async (chain) => {
    await chain.host('phone', 'desktop');
    await chain.revoke('words', 'desktop', 'laptop');
    await chain.host('phone', 'third');
  }),
  'the eldest revoked by another, with a host': await after(all, async (chain) => {
    await chain.revoke('tablet', 'phone', 'laptop');
    await chain.puk('tablet');
    await chain.member('tablet', 'new phone');
  }),
  'words replaced in one post': await after(all, async (chain) => {
    await chain.revoke('phone', 'words');
    await chain.puk('phone');
    await chain.paper('phone', 'new words');
  }),
  'a phone that came back by the words': await after(all, async (chain) => {
    await chain.member('words', 'new phone');
    await chain.revoke('new phone', 'phone', 'tablet');
    await chain.puk('new phone');
  }),
  'generations without a revocation': await after(eldest, async (chain) => {
    for (let i = 0; i < 5; i++) await chain.puk('phone');
  }),
  'clocks that are wrong': await after(eldest, async (chain) => {
    await (await chain.puk('phone')).redo('phone', inLink({ ctime: 0 }));
    await (await chain.puk('phone')).redo('phone', inLink({ ctime: Number.MAX_SAFE_INTEGER }));
    await chain.puk('phone');
  }),
  '32 members': await after(eldest, async (chain) => {
    for (let i = 2; i <= 32; i++) await chain.member('phone', `member ${i}`);
  }),
  '32 hosts revoked at once': await after(eldest, async (chain) => {
    const hosts = Array.from({ length: 32 }, (_, i) => `host ${i}`);
    for (const host of hosts) await chain.host('phone', host);
    await chain.revoke('phone', ...hosts);
  }),
  '200 links': await after(all, async (chain) => {
    for (let i = 0; chain.links.length < 200; i++) {
      if (i % 3 === 0) await chain.host('tablet', `host ${i}`);
      else if (i % 3 === 1) await chain.puk('phone');
      else await chain.revoke('words', `host ${i - 2}`);
    }
  }),
});

const fork = await after(all, (chain) => chain.host('phone', 'desktop'));
const longer = await after(all, async (chain) => {
  await chain.puk('phone');
  await chain.puk('tablet');
});

/** JSON as text, one character a byte, since what is wrong with it may be that it is no text. */
const written = (links: readonly SignedLink[]) =>
  links.map(({ json, signature }) => ({ json: String.fromCharCode(...json), signature }));
const told = ({ account, head, active, revoked, perUserKey }: ChainState) => ({
  account,
  head,
  active: active.map(({ id, kind }) => ({ id, kind })),
  revoked: revoked.map(({ id }) => id),
  generation: perUserKey.generation,
});
const headAt = async ({ links }: AccountMaker, seqno: number) =>
  (await replay(primitives, links.slice(0, seqno), null)).head;
const at = all.links.length;
/** A device has `saved` and a pin, and gets `links`. */
const pinned = async (
  name: string,
  code: string | null,
  given: { readonly saved?: AccountMaker; readonly links: readonly SignedLink[]; readonly pin: [AccountMaker, number] },
) => ({
  name,
  ...(code !== null && { code, seqno: given.pin[1] }),
  saved: written(given.saved?.links ?? []),
  links: written(given.links),
  pin: await headAt(...given.pin),
});

const invalid = [];
for (const { name, code, on, make, at } of faults) {
  const { links } = await after(beginnings[on], make);
  invalid.push({ name, code, seqno: at ?? links.length, links: written(links) });
}
const names = [...valid.map(([name]) => name), ...invalid.map(({ name }) => name)];
if (new Set(names).size !== names.length) throw new Error('two chains of one name');

const author = { ctime: 1_800_000_000_000, signer: (await all.keysOf('phone')).id };
writePage('account', {
  encoded: { name: 'one device, words and a host', bytes: encodeLinks(all.links) },
  valid: await Promise.all(
    valid.map(async ([name, { links }]) => ({
      name,
      ...told(await replay(primitives, links, null)),
      links: written(links),
    })),
  ),
  invalid,
  pins: await Promise.all([
    pinned('the pin is the head', null, { links: all.links, pin: [all, at] }),
    pinned('the chain goes on from the pin', null, { links: longer.links, pin: [all, at] }),
    pinned('it goes on from what was saved', null, { saved: all, links: longer.links.slice(at), pin: [all, at] }),
    pinned('it goes on from less than the pin', null, {
      saved: all,
      links: longer.links.slice(at),
      pin: [longer, at + 1],
    }),
    pinned('nothing new', null, { saved: all, links: [], pin: [all, at] }),
    pinned('a shorter chain', 'rolled-back', { links: all.links, pin: [longer, at + 1] }),
    pinned('nothing new, and the pin is ahead', 'rolled-back', { saved: all, links: [], pin: [longer, at + 1] }),
    pinned('another head', 'forked', { links: fork.links, pin: [longer, at + 1] }),
    pinned('another link below the head', 'forked', { links: longer.links, pin: [fork, at + 1] }),
    pinned('another link than the pin after what was saved', 'forked', {
      saved: all,
      links: fork.links.slice(at),
      pin: [longer, at + 1],
    }),
    pinned('a link that does not follow what was saved', 'forked', {
      saved: fork,
      links: longer.links.slice(at + 1),
      pin: [fork, at + 1],
    }),
  ]),
  skeleton: { name: 'one device, words and a host', ...author, bytes: sibkeySkeleton(all.place, author) },
});
