/** Chains to be replayed: of a whole life, of many members, of many generations. Their keys follow from names. */
import { replay, type ChainState, type SignedLink } from '@palmkey/chain';
import { sha256 } from '@palmkey/core/crypto';
import { fixedDevice } from '../../e2e/fuzz/keys.ts';
import { AccountMaker, type MadeDevice } from '../../packages/chain/src/testing/account-maker.ts';

const made = new Map<string, MadeDevice>();

/**
 * Ten links a round: three computers come and two go, a member comes and goes with a new generation, and one more. So many
 * members, the first among them, stay, and sign by turns.
 */
export async function lifeOf(length: number, members = 1): Promise<readonly SignedLink[]> {
  const account = begun();
  await account.eldest('member 0');
  for (let i = 1; i < members; i += 1) await account.member('member 0', `member ${i}`);
  for (let round = 0; account.links.length < length; round += 1) {
    const by = `member ${round % members}`;
    await account.host(by, `host ${round}`);
    await account.member(by, `tablet ${round}`);
    await account.host(`tablet ${round}`, `second host ${round}`);
    await account.revoke(`host ${round}`, `host ${round}`);
    await account.revoke(by, `second host ${round}`);
    await account.host(by, `third host ${round}`);
    await account.revoke(by, `tablet ${round}`, `third host ${round}`);
    await account.puk(by);
    await account.puk(by);
  }
  return account.links.slice(0, length);
}

/** Nothing but generations: a signature a link. */
export async function generationsOf(count: number): Promise<readonly SignedLink[]> {
  const account = begun();
  await account.eldest('member 0');
  while (account.links.length < count) await account.puk('member 0');
  return account.links;
}

/** What they say. That their signatures hold is not what is measured. */
export async function stateAfter(links: readonly SignedLink[]): Promise<ChainState | null> {
  return links.length === 0 ? null : replay({ sha256, verify: () => true }, links, null);
}

function begun(): AccountMaker {
  const device = (name: string): MadeDevice => {
    const known = made.get(name) ?? fixedDevice(name);
    made.set(name, known);
    return known;
  };
  return new AccountMaker({ sha256, device });
}
