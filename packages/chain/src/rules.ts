/** What each link has to fulfil, in the order of spec/account.md, "Replay", from `too-long` on. */
import { DEVICE_ID_BYTES, deviceIdPreimage, equal, type SigningPublicKey } from '@palmkey/envelope';
import type { ChainDraft } from './draft.ts';
import { ChainError, type ChainErrorCode } from './errors.ts';
import {
  type ConsentedLink,
  type Eldest,
  type LaterLink,
  type Link,
  type LinkDevice,
  type LinkHash,
  MAX_ACTIVE_DEVICES,
  MAX_ACTIVE_MEMBERS,
  MAX_CHAIN_LINKS,
  type PerUserKey,
  type Revoke,
  type Subkey,
} from './link.ts';
import type { Sha256 } from './ports.ts';
import { type ChainDevice, type ChainMark, type DeviceKind, isMember } from './state.ts';

/** What a link's checks need of replay, which verifies signatures when their turn has come. */
export interface LinkChecks {
  readonly sha256: Sha256;
  /** The link's own signature has to be by this key (`bad-signature`). */
  readonly signedBy: (key: SigningPublicKey) => void;
  /** The device that the link adds has to have agreed (`bad-reverse-signature`). */
  readonly agreed: (link: ConsentedLink) => void;
}

/** Takes a link into the draft. Throws {@link ChainError} for the first thing that is wrong; the draft is then worth nothing. */
export function takeLink(draft: ChainDraft, link: Link, hash: LinkHash, checks: LinkChecks): void {
  if (draft.seqno >= MAX_CHAIN_LINKS) throw wrong(draft, 'too-long');
  checkPlace(draft, link);
  checkOwed(draft, link);
  checks.signedBy(signingKeyFor(draft, link));
  const mark: ChainMark = { by: link.signer, ctime: link.ctime, seqno: link.seqno };
  switch (link.type) {
    case 'eldest':
      takeEldest(draft, link.body, mark, checks);
      break;
    case 'sibkey':
      takeSibkey(draft, link, mark, checks);
      break;
    case 'subkey':
      takeSubkey(draft, link.body, checks);
      break;
    case 'paper':
    case 'host':
      takeWhole(draft, link, mark, checks);
      break;
    case 'revoke':
      takeRevoke(draft, link.body, mark);
      break;
    case 'puk':
      takePerUserKey(draft, link.body.puk, mark);
  }
  draft.advance(hash, link.ctime);
}

/** Throws {@link ChainError} `incomplete` if the links end before the one that the last asks for. */
export function checkEnd(draft: ChainDraft): void {
  if (draft.account === null || draft.owed !== null) throw wrong(draft, 'incomplete');
}

function checkPlace(draft: ChainDraft, link: Link): void {
  if (link.type === 'eldest') {
    if (draft.account !== null) throw wrong(draft, 'wrong-account');
    if (link.seqno !== 1) throw wrong(draft, 'wrong-seqno');
    return;
  }
  if (draft.account === null || !equal(link.account, draft.account)) throw wrong(draft, 'wrong-account');
  if (link.seqno !== draft.seqno + 1) throw wrong(draft, 'wrong-seqno');
  if (draft.prev === null || !equal(link.prev, draft.prev)) throw wrong(draft, 'wrong-prev');
}

function checkOwed(draft: ChainDraft, link: Link): void {
  const { owed, headTime } = draft;
  switch (owed?.type) {
    case undefined:
      return;
    case 'subkey': {
      const { id } = owed.device;
      const isIt = link.type === 'subkey' && equal(link.signer, id) && equal(link.body.device.id, id);
      if (!isIt || link.ctime !== headTime) throw wrong(draft, 'incomplete');
      return;
    }
    case 'puk':
      if (link.type !== 'puk' || !equal(link.signer, owed.signer)) throw wrong(draft, 'incomplete');
  }
}

/** The key of the device that signs, which has to be one that may make this link. */
function signingKeyFor(draft: ChainDraft, link: Link): SigningPublicKey {
  if (link.type === 'eldest') {
    if (!equal(link.signer, link.body.device.id)) throw wrong(draft, 'unknown-signer');
    return link.body.device.signingKey;
  }
  if (draft.owed?.type === 'subkey') return draft.owed.device.signingKey;
  const signer = draft.find(link.signer);
  if (signer === undefined) throw wrong(draft, draft.wasRevoked(link.signer) ? 'revoked-signer' : 'unknown-signer');
  if (!mayMake(signer, link)) throw wrong(draft, 'not-allowed');
  return signer.signingKey;
}

function mayMake(signer: ChainDevice, link: LaterLink): boolean {
  switch (link.type) {
    case 'sibkey':
    case 'paper':
    case 'host':
    case 'puk':
      return isMember(signer);
    case 'revoke': {
      const { devices } = link.body;
      const endsItself = devices.some((id) => equal(id, signer.id));
      return isMember(signer) ? !endsItself : endsItself && devices.length === 1;
    }
    case 'subkey':
      // Only the device of the sibkey right before makes one.
      return false;
  }
}

function takeEldest(draft: ChainDraft, { device, puk }: Eldest['body'], mark: ChainMark, checks: LinkChecks): void {
  checkId(draft, device, checks);
  if (!draft.use(device.id, device.signingKey, device.agreementKey, puk.signingKey, puk.agreementKey)) {
    throw wrong(draft, 'reused-key');
  }
  draft.add({ ...device, kind: 'member', added: mark });
  draft.addPerUserKey({ ...puk, added: mark });
}

function takeSibkey(
  draft: ChainDraft,
  link: ConsentedLink & { readonly type: 'sibkey' },
  added: ChainMark,
  checks: LinkChecks,
): void {
  const { device } = link.body;
  if (!draft.use(device.id, device.signingKey)) throw wrong(draft, 'reused-key');
  checks.agreed(link);
  checkRoom(draft, 'member');
  draft.owed = { type: 'subkey', device, added };
}

function takeSubkey(draft: ChainDraft, { device }: Subkey['body'], checks: LinkChecks): void {
  if (draft.owed?.type !== 'subkey') throw wrong(draft, 'not-allowed');
  const whole = { ...draft.owed.device, agreementKey: device.agreementKey };
  checkId(draft, whole, checks);
  if (!draft.use(device.agreementKey)) throw wrong(draft, 'reused-key');
  draft.add({ ...whole, kind: 'member', added: draft.owed.added });
  draft.owed = null;
}

function takeWhole(
  draft: ChainDraft,
  link: ConsentedLink & { readonly type: 'paper' | 'host' },
  added: ChainMark,
  checks: LinkChecks,
): void {
  const { device } = link.body;
  checkId(draft, device, checks);
  if (!draft.use(device.id, device.signingKey, device.agreementKey)) throw wrong(draft, 'reused-key');
  checks.agreed(link);
  if (link.type === 'paper' && draft.count(({ kind }) => kind === 'paper') > 0) throw wrong(draft, 'paper-exists');
  checkRoom(draft, link.type);
  draft.add({ ...device, kind: link.type, added });
}

function takeRevoke(draft: ChainDraft, { devices }: Revoke['body'], mark: ChainMark): void {
  const ended = devices.map((id) => draft.revoke(id, mark));
  if (ended.includes(null)) throw wrong(draft, 'no-such-device');
  if (ended.some((device) => device !== null && isMember(device))) draft.owed = { type: 'puk', signer: mark.by };
}

function takePerUserKey(draft: ChainDraft, puk: PerUserKey, mark: ChainMark): void {
  if (!draft.use(puk.signingKey, puk.agreementKey)) throw wrong(draft, 'reused-key');
  if (puk.generation !== draft.generation + 1) throw wrong(draft, 'wrong-generation');
  draft.addPerUserKey({ ...puk, added: mark });
  draft.owed = null;
}

function checkId(draft: ChainDraft, device: Omit<LinkDevice, 'facts'>, { sha256 }: LinkChecks): void {
  const hash = sha256(deviceIdPreimage(device.signingKey, device.agreementKey));
  if (!equal(hash.subarray(0, DEVICE_ID_BYTES), device.id)) throw wrong(draft, 'wrong-device-id');
}

function checkRoom(draft: ChainDraft, kind: DeviceKind): void {
  const isFull = draft.active.size >= MAX_ACTIVE_DEVICES;
  if (isFull || (isMember({ kind }) && draft.count(isMember) >= MAX_ACTIVE_MEMBERS)) {
    throw wrong(draft, 'too-many-devices');
  }
}

function wrong(draft: ChainDraft, code: ChainErrorCode): ChainError {
  return new ChainError(code, draft.seqno + 1);
}
