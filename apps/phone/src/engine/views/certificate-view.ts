import type { HostCertificate, HostKeyVerifier } from '@palmkey/core/ssh';
import { fingerprint, hostCertificateFault, parseHostCertificate, verifyHostCertificate } from '@palmkey/core/ssh';
import type { CheckedLogin } from '../../keyring/checked-login.ts';
import type { CertificateView } from '../../model/request-view.ts';
import { serverKeyOf } from '../pins.ts';

/** Beyond what a `Date` holds a time is no limit that anybody lives to see. */
const MAX_SECONDS = 8_640_000_000_000n;

/** What this phone can check of the certificate that a login's server showed; null when it showed a plain key. */
export async function certificateView(
  login: CheckedLogin,
  verify: HostKeyVerifier,
  now: number,
): Promise<CertificateView | null> {
  const blob = serverKeyOf(login);
  const certificate = blob === null ? null : parseHostCertificate(blob);
  if (blob === null || certificate === null) return null;
  const { keyId, principals, validAfter, validBefore } = certificate;
  const verifies = await verifyHostCertificate(verify, blob);
  return {
    caFingerprint: fingerprint(certificate.caKey),
    keyId,
    principals,
    validFrom: validAfter === 0n ? null : millis(validAfter),
    validUntil: millis(validBefore),
    state: verifies ? stateOf(certificate, login.request.host?.name ?? null, now) : 'bad-signature',
  };
}

/** A critical option that nobody here knows makes the certificate worth as little as a bad signature does. */
function stateOf(certificate: HostCertificate, name: string | null, now: number): CertificateView['state'] {
  const fault = hostCertificateFault(certificate, BigInt(Math.floor(now / 1000)));
  if (fault === 'critical-option') return 'bad-signature';
  if (fault !== null) return 'out-of-time';
  const { principals } = certificate;
  const fits = principals.length === 0 || (name !== null && principals.some((pattern) => matches(pattern, name)));
  return fits ? 'valid' : 'other-name';
}

/** OpenSSH's patterns, `*` and `?` (ssh_config(5)), without regard to case; in time that grows with the lengths alone. */
function matches(pattern: string, name: string): boolean {
  const [p, n] = [pattern.toLowerCase(), name.toLowerCase()];
  let [i, j, star, resume] = [0, 0, -1, 0];
  while (j < n.length) {
    if (p[i] === '*') {
      star = i++;
      resume = j;
    } else if (i < p.length && (p[i] === '?' || p[i] === n[j])) {
      i++;
      j++;
    } else if (star >= 0) {
      i = star + 1;
      j = ++resume;
    } else return false;
  }
  while (p[i] === '*') i++;
  return i === p.length;
}

function millis(seconds: bigint): number | null {
  return seconds > MAX_SECONDS ? null : Number(seconds) * 1000;
}
