import { describe, expect, it } from 'vitest';
import { accountKit, accountPrimitives as primitives } from '../../../vectors/account-kit.ts';

import { replay } from './replay.ts';
import { AccountMaker } from './testing/account-maker.ts';

describe('replay', () => {
  it('takes every type of link', async () => {
    const maker = new AccountMaker(accountKit());
    await maker.eldest('phone');
    await maker.paper('phone', 'words');
    await maker.member('phone', 'tablet');
    await maker.host('tablet', 'laptop');
    await maker.revoke('tablet', 'phone');
    await maker.puk('tablet');
    await maker.revoke('laptop', 'laptop');
    const state = await replay(primitives, maker.links, null);
    expect(state.head.seqno).toBe(8);
  });
});
