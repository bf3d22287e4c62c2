import { parseAccountId, parseDeviceId, toHex } from '@palmkey/envelope';
import { systemClock } from '../clock.ts';
import { Operator } from '../operator.ts';
import { openDatabase } from '../store/database.ts';
import { version } from '../version.ts';
import { OperatorError, type OperatorFault } from './operator-error.ts';
import type { DoneFact, ListFact, OperatorDesk, RelayStatusFact, SubjectKind } from './protocol.ts';

/** Of how many of a kind one is found by the beginning of its id. */
const SEARCHED = 1_000_000;

const missing: Readonly<Record<SubjectKind, OperatorFault>> = {
  device: 'no-such-device',
  account: 'no-such-account',
  invitation: 'no-such-invitation',
};

/** Answers an operator from the store, in the words of the control socket. `status` tells of the relay that asks. */
export function operatorDesk(operator: Operator, status: () => RelayStatusFact): OperatorDesk {
  /** The whole id of the one that begins so. */
  const find = async (kind: SubjectKind, beginning: string): Promise<Uint8Array> => {
    const found = (await idsOf(operator, kind)).filter((id) => toHex(id).startsWith(beginning));
    const [id] = found;
    if (id === undefined) throw new OperatorError(missing[kind], beginning);
    if (found.length > 1) throw new OperatorError('ambiguous-id', beginning);
    return id;
  };
  const order = async (
    { kind, beginning }: { kind: 'device' | 'account'; beginning: string },
    follow: (subject: Parameters<Operator['block']>[0]) => Promise<boolean>,
  ): Promise<DoneFact> => {
    const id = await find(kind, beginning);
    const known = await follow(kind === 'device' ? { kind, id: parseDeviceId(id) } : { kind, id: parseAccountId(id) });
    // Somebody else was faster.
    if (!known) throw new OperatorError(missing[kind], beginning);
    return { kind, id: toHex(id) };
  };
  return {
    status: () => Promise.resolve(status()),
    invite: async ({ uses, lifetimeMs }) => {
      const { code, expiresAt } = await operator.invite({ uses, lifetimeMs });
      return { code, uses, expiresAt };
    },
    invitations: async ({ limit }) => {
      const all = await operator.invitations();
      return list(all, limit, ({ id, joins, ...rest }) => ({ ...rest, id: toHex(id), joins: joins && toHex(joins) }));
    },
    accounts: async ({ limit }) =>
      list(await operator.accounts(limit + 1), limit, ({ id, chain, ...rest }) => ({
        ...rest,
        id: toHex(id),
        chain: chain && { ...chain, id: toHex(chain.id) },
      })),
    devices: async ({ limit }) =>
      list(await operator.devices({ limit: limit + 1 }), limit, (device) => ({
        id: toHex(device.id),
        account: toHex(device.account),
        via: device.via,
        admittedBy: device.admittedBy && toHex(device.admittedBy),
        createdAt: device.createdAt,
        seenAt: device.seenOn,
        connected: device.connected,
        push: device.hasPush,
        blockedAt: device.blockedAt,
      })),
    block: (args) => order(args, (subject) => operator.block(subject)),
    unblock: (args) => order(args, (subject) => operator.unblock(subject)),
    remove: async ({ kind, beginning }) => {
      if (kind !== 'invitation') return order({ kind, beginning }, (subject) => operator.remove(subject));
      const id = await find(kind, beginning);
      if (!(await operator.revoke(id))) throw new OperatorError(missing[kind], beginning);
      return { kind, id: toHex(id) };
    },
  };
}

async function idsOf(operator: Operator, kind: SubjectKind): Promise<readonly Uint8Array[]> {
  switch (kind) {
    case 'device':
      return (await operator.devices({ limit: SEARCHED })).map(({ id }) => id);
    case 'account':
      return (await operator.accounts(SEARCHED)).map(({ id }) => id);
    case 'invitation':
      return (await operator.invitations()).map(({ id }) => id);
  }
}

function list<Row, Fact>(rows: readonly Row[], limit: number, fact: (row: Row) => Fact): ListFact<Fact> {
  return { rows: rows.slice(0, limit).map(fact), more: rows.length > limit };
}

/** The desk of a store that no relay of this computer has open: what is ordered is heard by nobody who is connected. */
export async function openStoreDesk(store: string): Promise<OperatorDesk & AsyncDisposable> {
  const database = await openDatabase(store);
  const startedAt = systemClock.now();
  const status = { version, pid: process.pid, startedAt, url: '', devices: 0, cluster: false };
  return {
    ...operatorDesk(new Operator(database, systemClock, null), () => status),
    [Symbol.asyncDispose]: () => database.close(),
  };
}
