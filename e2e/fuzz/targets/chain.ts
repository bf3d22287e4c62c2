/** What every device and the relay read of an account: links, lists of links, what a member offers, exported chains, chains, moves. */
import {
  ChainError,
  ChainFormatError,
  decodeLinks,
  encodeLinks,
  linkJson,
  parseChainFile,
  parseLink,
  parseSibkeySkeleton,
  replay,
  sibkeySkeleton,
  toChainFile,
} from '@palmkey/chain';
import { checkMove, MoveError, signMove } from '@palmkey/core/account';
import { FormatError, sha256 } from '@palmkey/core/crypto';
import { concat } from '@palmkey/envelope';
import { AccountMaker } from '../../../packages/chain/src/testing/account-maker.ts';
import { nodePrimitives } from '../../../packages/host/src/keys/node-primitives.ts';
import { fixedDevice } from '../keys.ts';
import { fromUtf8, type Target, utf8 } from '../target.ts';

/** An account with every type of link. */
async function account(): Promise<AccountMaker> {
  const chain = new AccountMaker({ sha256, device: fixedDevice });
  await chain.eldest('phone');
  await chain.paper('phone', 'words');
  await chain.member('phone', 'tablet');
  await chain.host('tablet', 'laptop');
  await chain.revoke('tablet', 'phone');
  await chain.puk('tablet');
  return chain.revoke('laptop', 'laptop');
}

export async function chainTargets(): Promise<readonly Target[]> {
  const { links, place } = await account();
  const lists = [[], links.slice(0, 1), links.slice(0, 4), links];
  const primitives = { sha256, verify: nodePrimitives.verify.bind(nodePrimitives) };
  const state = await replay(primitives, links, null);
  return [
    {
      name: 'chain-link',
      kind: 'codec',
      seeds: links.map(({ json }) => json),
      refusals: [],
      parse: (bytes) => {
        const parsed = parseLink(bytes);
        return parsed.is === 'link' ? linkJson(parsed.link) : null;
      },
    },
    {
      name: 'chain-links',
      kind: 'codec',
      seeds: lists.map(encodeLinks),
      refusals: [ChainError],
      parse: (bytes) => encodeLinks(decodeLinks(bytes)),
    },
    {
      name: 'chain-skeleton',
      kind: 'codec',
      seeds: [sibkeySkeleton(place, { ctime: 1_800_000_000_000, signer: fixedDevice('tablet').id })],
      refusals: [ChainFormatError],
      parse: (bytes) => {
        const { place: where, author } = parseSibkeySkeleton(bytes);
        return sibkeySkeleton(where, author);
      },
    },
    {
      name: 'chain-file',
      kind: 'lenient',
      seeds: lists.map((each) => utf8(JSON.stringify(toChainFile(each)))),
      refusals: [ChainFormatError],
      parse: (bytes) => utf8(JSON.stringify(toChainFile(parseChainFile(fromUtf8(bytes))))),
    },
    {
      name: 'account-move',
      kind: 'authenticated',
      seeds: await Promise.all(
        ['https://relay.example.org', 'http://localhost:7722'].map((relay, i) =>
          signMove(fixedDevice('tablet'), { account: state.account, relay, n: i + 1, head: state.head }),
        ),
      ),
      refusals: [FormatError, MoveError],
      parse: async (bytes) => {
        await checkMove(nodePrimitives, state, bytes, 0);
        return bytes;
      },
    },
    {
      name: 'chain-replay',
      kind: 'authenticated',
      share: 0.2,
      // Whole posts: what is left of a chain that ends before its last link is a chain too.
      seeds: [1, 2, 4, 5, 7, 8].map((length) => encodeLinks(links.slice(0, length))),
      refusals: [ChainError],
      parse: async (bytes) => {
        const { head } = await replay(primitives, decodeLinks(bytes), null);
        return concat(head.hash);
      },
    },
  ];
}
