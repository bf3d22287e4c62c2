import { RelayError, relayErrors, type RelayErrorCode } from '@palmkey/envelope';
import type { FastifyError, FastifyInstance } from 'fastify';

/** The HTTP status of each error that a request can be answered with; the others are 500. */
const statusOf: Partial<Record<RelayErrorCode, number>> = {
  'bad-frame': 400,
  'bad-state': 400,
  'bad-signature': 403,
  'wrong-origin': 403,
  'sign-in-refused': 403,
  'name-taken': 403,
  'no-rendezvous': 404,
  'no-line': 404,
  'no-chain': 404,
  'no-nameplate': 404,
  conflict: 409,
  'too-large': 413,
  'rate-limited': 429,
  draining: 503,
  'too-many-connections': 503,
  unavailable: 503,
  'rendezvous-full': 507,
};

/** Answers what went wrong as `{"error", "message", "retryAfterMs"?}` (spec/relay.md, "Errors"). */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | RelayError, request, reply) => {
    const answer = error instanceof RelayError ? error : asRelayError(error);
    if (answer.code === 'internal') {
      // The route's pattern, never the address asked for: it may hold the id of a rendezvous, which is a grant.
      request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
    }
    void reply.code(statusOf[answer.code] ?? 500).send({
      error: answer.code,
      message: answer.message,
      ...(relayErrors[answer.code].retry === 'after' && { retryAfterMs: answer.retryAfterMs }),
    });
  });
}

/** What Fastify itself refuses: a body that is too long, that is no JSON, of another type. */
function asRelayError(error: FastifyError): RelayError {
  const status = error.statusCode ?? 500;
  if (status === 413) return new RelayError('too-large');
  return new RelayError(status < 500 ? 'bad-frame' : 'internal');
}
