/**
 * A new device as a process of its own, which joins by cheap words and is killed on the way, or posts what it has saved:
 * `join RELAY NAME FILE saved|posted`, `resume RELAY NAME FILE`.
 */
import { decodeLinks, encodeLinks, parseLinkHash } from '@palmkey/chain';
import { encodePerUserBox, parsePerUserBox } from '@palmkey/core/account';
import { webPrimitives } from '@palmkey/core/crypto';
import { joinAccount, type JoinPost, kex2Session, OneUse, postJoin } from '@palmkey/core/provisioning';
import { wasmScrypt } from '@palmkey/core/scrypt';
import { fromHex, parseAccountId, toHex } from '@palmkey/envelope';
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { RelayChain } from '../../apps/phone/src/engine/joining/relay-chain.ts';
import { webClock as clock } from '../../apps/phone/src/engine/web-clock.ts';
import { fixedDevice } from '../../packages/core/src/testing/fixed-keys.ts';
import { relayChainFor } from './node-newcomer.ts';
import { CHEAP_WORDS, routerTo } from './relay-account.ts';

const [what = '', relay = '', name = '', file = '', when = ''] = process.argv.slice(2);
const randomBytes = (length: number) => webPrimitives.randomBytes(length);
const device = await fixedDevice(name);

const chain = relayChainFor(relay, device);

/** The end, without a word to anybody. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

interface Saved {
  readonly account: string;
  readonly grant: string;
  readonly seqno: number;
  readonly hash: string;
  readonly links: string;
  readonly box: string;
}

function write({ account, newSession, prev, links, box }: JoinPost): void {
  const saved: Saved = {
    account: toHex(account),
    grant: toHex(newSession),
    seqno: prev.seqno,
    hash: toHex(prev.hash),
    links: toHex(encodeLinks(links)),
    box: toHex(encodePerUserBox(box)),
  };
  writeFileSync(file, JSON.stringify(saved));
}

function read(): JoinPost {
  const { account, grant, seqno, hash, links, box } = JSON.parse(readFileSync(file, 'utf8')) as Saved;
  return {
    account: parseAccountId(fromHex(account)),
    newSession: fromHex(grant),
    prev: { seqno, hash: parseLinkHash(fromHex(hash)) },
    links: decodeLinks(fromHex(links), seqno + 1),
    box: parsePerUserBox(fromHex(box)),
  };
}

const drop = async () => rm(file);

async function join(): Promise<void> {
  const session = await kex2Session(new OneUse({ suite: 'kex2-v1', words: CHEAP_WORDS }), null, device.id, wasmScrypt);
  const source = {
    links: chain.links.bind(chain),
    prepare: chain.prepare.bind(chain),
    previousSeeds: chain.previousSeeds.bind(chain),
    post: async (...posted: Parameters<RelayChain['post']>) => {
      await chain.post(...posted);
      return die();
    },
  };
  const save: (joined: { readonly post: JoinPost }) => Promise<void> = async ({ post }) => {
    write(post);
    if (when === 'saved') await die();
  };
  await joinAccount(
    {
      router: routerTo(relay),
      clock,
      randomBytes,
      primitives: webPrimitives,
      device,
      kind: 'phone',
      account: null,
      chain: source,
      store: { save, drop },
    },
    session,
    'x',
    { onName: () => Promise.resolve(name), onCode: () => undefined },
    new AbortController().signal,
  );
}

if (what === 'join') await join();
else
  process.exitCode = (await postJoin({ chain, store: { save: () => die(), drop }, clock }, read())) === 'done' ? 0 : 3;
chain.close();
