import { fingerprint, parsePublicKey, plainKeyBlob } from '@palmkey/core/ssh';
import { equal } from '@palmkey/envelope';
import type { CheckedLogin } from '../keyring/checked-login.ts';
import type { HexId } from '../model/hex-id.ts';
import type { HopView, HostKeyState, KnownKey } from '../model/request-view.ts';
import type { PinRow } from '../store/schema.ts';

/** All pins, by {@link pinId}, and what their computers are called. */
export interface Pins {
  readonly rows: ReadonlyMap<string, PinRow>;
  readonly computerName: (id: HexId) => string;
}

/** What a pin is kept under: a server's name as claimed, its port, and the type of its key. */
export function pinId(name: string, port: number, keyType: string): string {
  return `${port}/${keyType}/${name}`;
}

/**
 * The pin that an approval of this login stands for (spec/ssh.md, "Pins"), or null when no server was verified or
 * nobody said what it is called. A certificate pins its inner key.
 */
export function pinOf(login: CheckedLogin, computer: HexId, pinnedAt: number): PinRow | null {
  const server = serverKeyOf(login);
  const { host } = login.request;
  if (server === null || host === null) return null;
  const { type, key } = parsePublicKey(server);
  return {
    id: pinId(host.name, host.port, type),
    name: host.name,
    port: host.port,
    keyType: type,
    hostKey: plainKeyBlob(key),
    pinnedAt,
    computers: [computer],
  };
}

/** The pin as it is to be kept: one that another computer's login made stands for this computer too. */
export function joinedPin(kept: PinRow | undefined, pin: PinRow): PinRow {
  return kept === undefined ? pin : { ...kept, computers: [...new Set([...kept.computers, ...pin.computers])] };
}

/**
 * How the server's key stands to what was pinned. A pin binds every computer: another key is changed, whoever made the
 * pin. But it vouches only for the computers by whose word it was made: a name is a claim, and a hostile computer must
 * not be able to have another one's server look known.
 */
export function hostKeyState(login: CheckedLogin, computer: HexId, { rows, computerName }: Pins): HostKeyState {
  const server = serverKeyOf(login);
  if (server === null) return { is: 'unbound' };
  const key = plainBlob(server);
  const shown = fingerprint(key);
  const candidate = pinOf(login, computer, 0);
  if (candidate === null) return { is: 'unnamed', fingerprint: shown, knownAs: knownAs() };
  const pin = rows.get(candidate.id);
  if (pin !== undefined && !equal(pin.hostKey, candidate.hostKey)) {
    const pinnedBy = pin.computers.map(computerName);
    const { pinnedAt } = pin;
    return { is: 'changed', fingerprint: shown, pinnedFingerprint: fingerprint(pin.hostKey), pinnedAt, pinnedBy };
  }
  if (pin?.computers.includes(computer)) return { is: 'pinned', fingerprint: shown, pinnedAt: pin.pinnedAt };
  const otherTypes = [...rows.values()]
    .filter(({ id, name, port }) => name === candidate.name && port === candidate.port && id !== candidate.id)
    .map(({ keyType }) => keyType);
  return { is: 'new', fingerprint: shown, otherTypes, knownAs: knownAs() };

  function knownAs(): KnownKey['knownAs'] {
    return [...rows.values()]
      .filter(({ hostKey }) => equal(hostKey, key))
      .map(({ name, port, computers }) => ({ name, port, by: computers.map(computerName) }));
  }
}

/** The plain keys of the servers before the last, origin first. */
export function hopsOf(login: CheckedLogin): readonly Uint8Array[] {
  return login.server.is === 'verified' ? login.server.hops.slice(0, -1).map(plainBlob) : [];
}

/** The plain key of the server logged in to; null when none was verified. */
export function plainServerKey(login: CheckedLogin): Uint8Array | null {
  const server = serverKeyOf(login);
  return server === null ? null : plainBlob(server);
}

/**
 * A server on the way: the first name that this very key is pinned under by the word of this computer, with the port
 * where it is not 22. What another computer calls it counts for nothing here.
 */
export function knownName(plainKey: Uint8Array, computer: HexId, { rows }: Pins): HopView {
  const pin = [...rows.values()].find(
    ({ hostKey, computers }) => computers.includes(computer) && equal(hostKey, plainKey),
  );
  const name = pin === undefined ? null : pin.port === 22 ? pin.name : `[${pin.name}]:${pin.port}`;
  return { fingerprint: fingerprint(plainKey), name };
}

/** The host key blob as the server showed it, a certificate perhaps; null when none was verified. */
export function serverKeyOf(login: CheckedLogin): Uint8Array | null {
  return login.server.is === 'verified' ? (login.server.hops.at(-1) ?? null) : null;
}

/** The fingerprint of the server's key; null when no server was verified. */
export function serverFingerprint(login: CheckedLogin): string | null {
  const key = plainServerKey(login);
  return key === null ? null : fingerprint(key);
}

function plainBlob(hostKey: Uint8Array): Uint8Array {
  return plainKeyBlob(parsePublicKey(hostKey).key);
}
