import {
  type AccountMove,
  checkMove,
  MOVE_RECORD,
  MoveError,
  openMoveRecord,
  sealMoveRecord,
} from '@palmkey/core/account';
import { FormatError, OpenError } from '@palmkey/core/crypto';
import type { AccountRecord } from '@palmkey/envelope';
import type { Account } from '../account/account.ts';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import { MovingError } from './moving-error.ts';

/** A member's word on a move, as it is kept and told, and what it says. */
export interface ToldMove extends AccountMove {
  readonly notice: Uint8Array;
}

interface ToldMoveDeps {
  readonly ports: Pick<EnginePorts, 'primitives'>;
  readonly account: Account;
}

/** A move that a relay's records tell, with a number after `last`; null where there is none that holds. */
export async function toldMove(
  { ports, account }: ToldMoveDeps,
  records: readonly AccountRecord[],
  last: number,
): Promise<ToldMove | null> {
  const record = records.find(({ name }) => name === MOVE_RECORD);
  if (record === undefined) return null;
  try {
    const { state, perUserKeys } = account;
    const notice = await openMoveRecord(ports.primitives, state, perUserKeys, record.bytes);
    return { ...(await checkMove(ports.primitives, state, notice, last)), notice };
  } catch (error) {
    if ([FormatError, OpenError, MoveError].some((type) => error instanceof type)) return null;
    throw error;
  }
}

/** Leaves word of a move among the records, in the place of what stands there. Rejects as the relay does. */
export async function leaveWord(
  { ports, account }: ToldMoveDeps,
  records: readonly AccountRecord[],
  notice: Uint8Array,
  chain: ChainOrders,
): Promise<void> {
  const { state, perUserKey } = account;
  if (perUserKey === undefined) throw new MovingError('no-key');
  const revision = records.find(({ name }) => name === MOVE_RECORD)?.revision ?? 0;
  const bytes = await sealMoveRecord(ports.primitives, state, perUserKey, notice);
  await chain.write({ name: MOVE_RECORD, revision, bytes });
}
