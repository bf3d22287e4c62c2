import { fingerprint, parsePublicKey, plainKeyBlob } from '@palmkey/core/ssh';
import { equal } from '@palmkey/envelope';
import type { CheckedLogin } from '../keyring/checked-login.ts';
import type { HostKeyState } from '../model/model.ts';
import type { PinRow } from '../store/schema.ts';

/** Finds pins by {@link pinId}. */
export type FindPin = (id: string) => PinRow | undefined;

/** What a pin is kept under: a server's name as claimed, its port, and the type of its key. */
export function pinId(name: string, port: number, keyType: string): string {
  return `${port}/${keyType}/${name}`;
}

/**
 * The pin that an approval of this login stands for (spec/ssh.md, "Pins"), or null when no server was verified or
 * nobody said what it is called. A certificate pins its inner key.
 */
export function pinOf(login: CheckedLogin, pinnedAt: number): PinRow | null {
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
  };
}

/** How the server's key stands to what was pinned. */
export function hostKeyState(login: CheckedLogin, findPin: FindPin): HostKeyState {
  const server = serverKeyOf(login);
  if (server === null) return { is: 'unbound' };
  const candidate = pinOf(login, 0);
  if (candidate === null) return { is: 'unnamed', fingerprint: plainFingerprint(server) };
  const shown = fingerprint(candidate.hostKey);
  const pin = findPin(candidate.id);
  if (pin === undefined) return { is: 'new', fingerprint: shown };
  if (equal(pin.hostKey, candidate.hostKey)) return { is: 'pinned', fingerprint: shown, pinnedAt: pin.pinnedAt };
  return { is: 'changed', fingerprint: shown, pinnedFingerprint: fingerprint(pin.hostKey), pinnedAt: pin.pinnedAt };
}

/** Fingerprints of the servers before the last, origin first. */
export function hopsOf(login: CheckedLogin): readonly string[] {
  return login.server.is === 'verified' ? login.server.hops.slice(0, -1).map(plainFingerprint) : [];
}

function serverKeyOf(login: CheckedLogin): Uint8Array | null {
  return login.server.is === 'verified' ? (login.server.hops.at(-1) ?? null) : null;
}

function plainFingerprint(hostKey: Uint8Array): string {
  return fingerprint(plainKeyBlob(parsePublicKey(hostKey).key));
}
