import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Exposition, type Gauges } from '../metrics/exposition.ts';
import type { Meter } from '../metrics/meter.ts';
import type { WaitsFor } from '../readiness.ts';
import { version } from '../version.ts';

/** What the routes of this file answer from. */
export interface StatusPorts {
  readonly meter: Meter;
  readonly gauges: Gauges;
  /** Asked at each request; never rejects. */
  readonly waitsFor: () => Promise<readonly WaitsFor[]>;
  /** Reads `/metrics` from beyond loopback; undefined: nobody does. */
  readonly metricsToken: string | undefined;
}

/** `GET /health`, `/ready` and `/metrics` (spec/relay.md, "Other HTTP"). */
export function statusRoutes(app: FastifyInstance, ports: StatusPorts): void {
  app.get('/health', () => ({ ok: true, version }));
  app.get('/ready', async (_request, reply) => {
    const waitsFor = await ports.waitsFor();
    if (waitsFor.length === 0) return { ok: true, version };
    return reply.code(503).send({ ok: false, waitsFor });
  });
  let exposition: Exposition | undefined;
  app.get('/metrics', async (request, reply) => {
    if (!mayRead(request, ports.metricsToken)) {
      void reply.header('www-authenticate', 'Bearer').code(401);
      return { error: 'not-allowed', message: 'metrics are for this computer, or whoever has the token' };
    }
    // Made when somebody scrapes: what measures the event loop costs a little from then on.
    exposition ??= new Exposition(ports.meter, ports.gauges);
    return reply.type(exposition.contentType).send(await exposition.text());
  });
}

/** Who asks on this computer itself, and not through a proxy that runs here; or shows the token. */
function mayRead({ socket, headers }: FastifyRequest, token: string | undefined): boolean {
  if (token !== undefined && isSame(headers.authorization ?? '', `Bearer ${token}`)) return true;
  const proxied = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return !proxied && /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '');
}

/** Compares without telling by its time how much was right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
