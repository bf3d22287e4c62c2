import { createDecipheriv, createPublicKey, hkdfSync, verify, type ECDH } from 'node:crypto';

/** What a push service checks of a relay's signature (RFC 8292). */
export interface VapidClaims {
  readonly aud: string;
  /** Seconds since 1970 UTC. */
  readonly exp: number;
  readonly sub: string;
  /** The relay's public key, base64url. */
  readonly key: string;
}

/** Reads an `Authorization` header and checks its signature; throws on what RFC 8292 does not allow. */
export function openVapid(header: string): VapidClaims {
  const [, jwt = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(header) ?? [];
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  if (fromJson(head).alg !== 'ES256') throw new Error('not signed with ES256');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const signed = Buffer.from(`${head}.${claims}`);
  const good = verify(
    'sha256',
    signed,
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!good) throw new Error('the signature does not verify');
  const { aud, exp, sub } = fromJson(claims);
  if (typeof aud !== 'string' || typeof exp !== 'number' || typeof sub !== 'string') throw new Error('no claims');
  return { aud, exp, sub, key };
}

/** Opens a push of one record as a browser does (RFC 8291, §3.4; RFC 8188); throws where it does not open. */
export function openPush(body: Buffer, curve: ECDH, auth: Uint8Array): Buffer {
  const [salt, idLength, sender] = [body.subarray(0, 16), body.readUInt8(20), body.subarray(21, 86)];
  if (idLength !== 65 || body.length > body.readUInt32BE(16) + 86) throw new Error('not one record');
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), curve.getPublicKey(), sender]);
  const key = Buffer.from(hkdfSync('sha256', curve.computeSecret(sender), auth, info, 32));
  const derive = (label: string, length: number) =>
    Buffer.from(hkdfSync('sha256', key, salt, Buffer.from(`Content-Encoding: ${label}\0`), length));
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  decipher.setAuthTag(body.subarray(-16));
  const padded = Buffer.concat([decipher.update(body.subarray(86, -16)), decipher.final()]);
  // The last record ends with a 2 and zeros.
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) throw new Error('not the last record');
  return padded.subarray(0, end);
}

function fromJson(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}
