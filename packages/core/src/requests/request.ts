import type { Brand } from '@palmkey/envelope';
import { ascii, concat } from '@palmkey/envelope';
import * as v from 'valibot';
import { decodeCanonical, encodeCanonical, FormatError, sha256 } from '../crypto/index.ts';
import { MAX_BINDS, MAX_PUBLIC_KEY_BYTES, MAX_SESSION_ID_BYTES, MAX_SIGNATURE_BYTES } from '../ssh/index.ts';
import { bytesBetween, bytesOf, plainText, time } from './fields.ts';

/** The longest encoded request: it has to fit the body of one frame. */
export const MAX_REQUEST_BYTES = 60 * 1024;
/** The most bytes that a phone is asked to sign. */
export const MAX_SSH_DATA_BYTES = 16 * 1024;
/** The longest text of a commit or tag that a `git-sign` request itself carries; a longer one travels in parts. */
export const MAX_WHOLE_OBJECT_BYTES = 48 * 1024;
/** The longest text of a commit or tag that a phone is asked to sign: 8 MiB. */
export const MAX_OBJECT_BYTES = 8 * 1024 * 1024;
/** The longest part of such a text in one message. */
export const MAX_PART_BYTES = 48 * 1024;
/** The longest time between `issued` and `expires`, ms. */
export const MAX_REQUEST_LIFETIME_MS = 10 * 60_000;

/** 16 random bytes that name a request among those of its host. */
export type RequestId = Brand<Uint8Array, 'RequestId'>;
/** 32 bytes that commit to every byte of a request. */
export type RequestHash = Brand<Uint8Array, 'RequestHash'>;

const MAX_PATH_CHARACTERS = 1024;
const requestId = bytesOf<RequestId>(16);
const bind = v.strictObject({
  hostKey: bytesBetween(1, MAX_PUBLIC_KEY_BYTES),
  sessionId: bytesBetween(1, MAX_SESSION_ID_BYTES),
  signature: bytesBetween(1, MAX_SIGNATURE_BYTES),
  forwarding: v.boolean(),
});
const claimedHost = v.strictObject({
  name: plainText(1, 255),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
});
const origin = v.variant('sure', [
  v.strictObject({ sure: v.literal('none') }),
  v.strictObject({
    sure: v.literal('claimed'),
    programs: v.pipe(v.array(plainText(1, 256)), v.maxLength(32), v.readonly()),
    terminal: v.nullable(plainText(1, 256)),
    /** Left out towards a peer of protocol 1. */
    directory: v.optional(v.nullable(plainText(1, MAX_PATH_CHARACTERS))),
  }),
]);
const gitObject = v.variant('is', [
  v.strictObject({ is: v.literal('whole'), bytes: bytesBetween(1, MAX_WHOLE_OBJECT_BYTES) }),
  v.strictObject({
    is: v.literal('parts'),
    size: v.pipe(v.number(), v.integer(), v.minValue(MAX_WHOLE_OBJECT_BYTES + 1), v.maxValue(MAX_OBJECT_BYTES)),
    sha256: bytesOf(32),
  }),
]);
const repository = v.strictObject({
  directory: plainText(1, MAX_PATH_CHARACTERS),
  remote: v.nullable(plainText(1, MAX_PATH_CHARACTERS)),
});
const timed = { id: requestId, issued: time, expires: time };
const request = v.variant('kind', [
  v.strictObject({
    kind: v.literal('ssh-sign'),
    ...timed,
    key: bytesBetween(1, MAX_PUBLIC_KEY_BYTES),
    data: bytesBetween(1, MAX_SSH_DATA_BYTES),
    binds: v.pipe(v.array(bind), v.maxLength(MAX_BINDS), v.readonly()),
    host: v.nullable(claimedHost),
    origin,
  }),
  v.strictObject({
    kind: v.literal('git-sign'),
    ...timed,
    key: bytesBetween(1, MAX_PUBLIC_KEY_BYTES),
    object: gitObject,
    repository: v.nullable(repository),
    origin,
  }),
  v.strictObject({
    kind: v.literal('file-sign'),
    ...timed,
    key: bytesBetween(1, MAX_PUBLIC_KEY_BYTES),
    data: bytesBetween(1, MAX_SSH_DATA_BYTES),
    origin,
  }),
  v.strictObject({ kind: v.literal('ping'), ...timed }),
]);
const timedRequest = v.pipe(
  request,
  v.check(({ issued, expires }) => expires >= issued && expires - issued <= MAX_REQUEST_LIFETIME_MS),
);

/** What a host asks (spec/requests.md, "Requests"); `nil` on the wire is `null` here. */
export type Request = v.InferOutput<typeof timedRequest>;
/** A signature for an SSH login. */
export type SshSignRequest = Extract<Request, { kind: 'ssh-sign' }>;
/** A signature of a git commit or tag, whose whole text the phone shows and hashes itself. */
export type GitSignRequest = Extract<Request, { kind: 'git-sign' }>;
/** A signature of a file that only its hash is known of (OpenSSH's `PROTOCOL.sshsig`). */
export type FileSignRequest = Extract<Request, { kind: 'file-sign' }>;
/** Asks for nothing but an answer. */
export type PingRequest = Extract<Request, { kind: 'ping' }>;
/** Which program asked, as far as the host can tell; never more than a claim. */
export type RequestOrigin = SshSignRequest['origin'];

/** Takes 16 bytes as a {@link RequestId}; throws {@link FormatError} on another length. */
export function parseRequestId(bytes: Uint8Array): RequestId {
  if (bytes.length !== 16) throw new FormatError('a request id has 16 bytes');
  return bytes as RequestId;
}

/** Takes 32 bytes as a {@link RequestHash}; throws {@link FormatError} on another length. */
export function parseRequestHash(bytes: Uint8Array): RequestHash {
  if (bytes.length !== 32) throw new FormatError('a request hash has 32 bytes');
  return bytes as RequestHash;
}

/** The bytes that a phone is asked with. Throws {@link FormatError} for a request that no phone would take. */
export function encodeRequest(value: Request): Uint8Array<ArrayBuffer> {
  const bytes = encodeCanonical(value);
  parseRequest(bytes);
  return bytes;
}

/** Reads a request strictly, all limits included; throws {@link FormatError}. Whether it is in time is not judged here. */
export function parseRequest(bytes: Uint8Array): Request {
  return decodeCanonical(bytes, timedRequest, MAX_REQUEST_BYTES);
}

/** `SHA-256("palmkey/request/1" ‖ bytes)`, of a request's very bytes. */
export function requestHash(bytes: Uint8Array): RequestHash {
  return sha256(concat(ascii('palmkey/request/1'), bytes)) as Uint8Array as RequestHash;
}
