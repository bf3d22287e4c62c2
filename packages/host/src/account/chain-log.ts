/** An account's chain as this computer keeps it, for people and for others to judge. Needs no daemon. */
import { type Link, parseLink, toChainFile } from '@palmkey/chain';
import { type DeviceId, toHex } from '@palmkey/envelope';
import { publicHalf, readDevice } from '../keys/device-file.ts';
import { paths } from '../paths.ts';
import { AccountFile } from '../state/account-file.ts';
import { PairingStore } from '../state/pairing-store.ts';
import { type Known, nameOf } from './account-facts.ts';

/** A device in the log: its id, 32 hexadecimal digits, and its name where this computer knows it. */
export interface LoggedDevice {
  readonly id: string;
  readonly name: string | null;
}

/** One link. */
export interface AccountLogFact {
  readonly seqno: number;
  /** By the clock of the device that signed it, ms since 1970. */
  readonly at: number;
  readonly type: Link['type'];
  readonly by: LoggedDevice;
  /** Whom it adds or ends. */
  readonly devices: readonly LoggedDevice[];
  /** Of the per-user key that it brings; null for none. */
  readonly generation: number | null;
}

/**
 * The chain that this computer has replayed and kept, as a file for others to judge (spec/account.md, "A link"), and how
 * many links it has; null where this computer never was in an account.
 * @throws StateError
 */
export function exportedChain(home: string): { readonly text: string; readonly links: number } | null {
  const { chain } = new AccountFile(paths(home).account);
  if (chain === null) return null;
  return { text: `${JSON.stringify(toChainFile(chain.links), null, 1)}\n`, links: chain.links.length };
}

/**
 * The same, said one by one; `selfName` is what this computer is called.
 * @throws StateError
 */
export function accountLog(home: string, selfName: string): readonly AccountLogFact[] | null {
  const { chain, names } = new AccountFile(paths(home).account);
  if (chain === null) return null;
  const self = { id: publicHalf(readDevice(home)).id, name: selfName };
  const known: Known = { self, pairings: new PairingStore(paths(home).pairings).list(), names };
  const logged = (id: DeviceId): LoggedDevice => ({ id: toHex(id), name: nameOf(known, id) });
  return chain.links.flatMap(({ json }) => {
    const parsed = parseLink(json);
    return parsed.is === 'link' ? [logFact(parsed.link, logged)] : [];
  });
}

function logFact(link: Link, logged: (id: DeviceId) => LoggedDevice): AccountLogFact {
  const { seqno, ctime, type, signer } = link;
  const fact = { seqno, at: ctime, type, by: logged(signer) };
  switch (link.type) {
    case 'eldest':
      return { ...fact, devices: [logged(link.body.device.id)], generation: link.body.puk.generation };
    case 'sibkey':
    case 'subkey':
    case 'paper':
    case 'host':
      return { ...fact, devices: [logged(link.body.device.id)], generation: null };
    case 'revoke':
      return { ...fact, devices: link.body.devices.map(logged), generation: null };
    case 'puk':
      return { ...fact, devices: [], generation: link.body.puk.generation };
  }
}
