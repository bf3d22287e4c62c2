import {
  type AccountMove,
  checkMove,
  MOVE_RECORD,
  MoveError,
  openMoveRecord,
  sealMoveRecord,
} from '@palmkey/core/account';
import { FormatError, OpenError } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type AccountRecord, equal } from '@palmkey/envelope';
import type { Account } from '../account/account.ts';
import { AccountError } from '../account/account-error.ts';
import type { ChainKeeper } from '../account/chain-keeper.ts';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import { MovingError } from './moving-error.ts';

/** A member's word on a move, as it is kept and told, and what it says. */
export interface ToldMove extends AccountMove {
  readonly notice: Uint8Array;
}

interface TellerDeps {
  readonly account: Account;
  readonly keeper: Pick<ChainKeeper, 'alarm'>;
  readonly device: Pick<DeviceKeys, 'id'>;
}

interface ToldMoveDeps {
  readonly ports: Pick<EnginePorts, 'primitives'>;
  readonly account: Account;
}

/** Throws {@link AccountError} where this device has no say in where the account is, or should not have one now. */
export function mayTell({ account, keeper, device }: TellerDeps): void {
  const alarm = keeper.alarm?.code;
  if (account.state.standingOf(device.id) !== 'active') throw new AccountError('removed');
  // A relay that is gone, or has lost the chain, is a good reason to leave it; another history, or a change that this
  // device has not seen, is none: the account would go on without it.
  if (alarm === 'forked' || alarm === 'withheld' || alarm === 'bad-chain') throw new AccountError(alarm);
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

/** Leaves a later word in the place of the one that is told; false where yet another stands there. Rejects as the relay does. */
export async function outbid(
  deps: ToldMoveDeps,
  { told, notice }: { readonly told: Uint8Array; readonly notice: Uint8Array },
  chain: ChainOrders,
): Promise<boolean> {
  const records = await chain.records();
  const word = await toldMove(deps, records, deps.account.row.moved?.n ?? 0);
  if (word !== null && !equal(word.notice, told)) return false;
  await leaveWord(deps, records, notice, chain);
  return true;
}
