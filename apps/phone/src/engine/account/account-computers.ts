import type { ChainDevice } from '@palmkey/chain';
import { toHex } from '@palmkey/envelope';
import type { HexId } from '../../model/hex-id.ts';
import type { PairingRow } from '../../store/schema.ts';
import type { Account } from './account.ts';

/** What a computer of the account is called before its name is here. */
const NO_NAME = 'Computer';

/** What the chain changes about the computers that this phone knows. */
export interface ComputerChanges {
  /** Computers that another device has brought into the account. */
  readonly added: readonly PairingRow[];
  /** Computers that were taken out of it. */
  readonly ended: readonly HexId[];
  /** Names that have come since. */
  readonly named: readonly { readonly id: HexId; readonly hostName: string }[];
}

/**
 * Compares the computers that are known with the chain, of which the links up to `seqno` were taken over: who belongs is
 * the chain's to say. One that was paired anew after it was taken out is known by its pairing alone. `now`: ms.
 */
export function computerChanges(
  account: Pick<Account, 'state' | 'row' | 'facts'>,
  pairings: ReadonlyMap<HexId, PairingRow>,
  seqno: number,
  now: number,
): ComputerChanges {
  const { state, row } = account;
  const { relay } = row;
  const hosts = state.active.filter(({ kind }) => kind === 'host');
  const missing = hosts.filter(({ id }) => !pairings.has(toHex(id)) && !row.left.includes(toHex(id)));
  const nameOf = ({ id }: ChainDevice): string | undefined => account.facts(id)?.name;
  return {
    added: relay === null ? [] : missing.map((host) => rowOf(host, nameOf(host) ?? NO_NAME, relay, now)),
    ended: state.revoked.flatMap(({ id, revoked }) => {
      const pairing = pairings.get(toHex(id));
      const isOver = pairing && (revoked.seqno > seqno || pairing.pairedAt <= revoked.ctime);
      return isOver ? [pairing.id] : [];
    }),
    named: hosts.flatMap((host) => {
      const id = toHex(host.id);
      const hostName = nameOf(host);
      const isNamed = pairings.get(id)?.hostName !== NO_NAME || pairings.get(id)?.transcript !== null;
      return hostName === undefined || isNamed ? [] : [{ id, hostName }];
    }),
  };
}

function rowOf(host: ChainDevice, hostName: string, relay: string, pairedAt: number): PairingRow {
  return {
    id: toHex(host.id),
    signingKey: new Uint8Array(host.signingKey),
    agreementKey: new Uint8Array(host.agreementKey),
    hostName,
    givenName: null,
    relay,
    transcript: null,
    phoneSignature: null,
    hostSignature: null,
    pairedAt,
    lastSeenAt: null,
    software: null,
    grant: null,
    speaks: null,
    mutedUntil: null,
  };
}
