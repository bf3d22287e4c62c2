/** Node's codes for a certificate or a handshake that failed (Node's documentation, "X509 certificate error codes"). */
const CODES =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|EPROTO)/;
/** What NATS's and PostgreSQL's clients say of a server that offers no TLS, which has no code. */
const WORDS = /server does not support ('tls'|SSL connections)|establishing an SSL connection/;
const MAX_CAUSES = 4;

/** Whether a connection was not made because of TLS: nobody was spoken to, or somebody whose certificate is not good. */
export function isTlsFault(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > MAX_CAUSES) return false;
  const { code, message, cause } = error as Error & { code?: unknown };
  if (typeof code === 'string' && CODES.test(code)) return true;
  return WORDS.test(message) || isTlsFault(cause, depth + 1);
}
