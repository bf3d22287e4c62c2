import Fastify, { LogController, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { RendezvousHall } from '../rendezvous.ts';
import { answerNotFound, appFiles } from './app-files.ts';
import { factsRoute, type RelayFacts } from './facts-route.ts';
import { githubRoutes, type GithubRoutesPorts } from './github-routes.ts';
import { chainRoutes, type ChainReader } from './chain-routes.ts';
import { answerErrors } from './http-error.ts';
import type { LineHall } from './line-hall.ts';
import { lineRoutes } from './line-routes.ts';
import { rendezvousRoutes } from './rendezvous-routes.ts';
import { securityHeaders } from './security-headers.ts';
import { statusRoutes, type StatusPorts } from './status-routes.ts';

/** What the HTTP side of a relay needs. */
interface HttpPorts {
  readonly hall: RendezvousHall;
  readonly chains: ChainReader;
  /** Messages that one address may leave at rendezvous in a minute. */
  readonly postsPerMinute: number;
  readonly lines: LineHall;
  readonly status: StatusPorts;
  readonly facts: RelayFacts;
  /** Null where nobody signs in with GitHub. */
  readonly github: GithubRoutesPorts | null;
  readonly logger: Logger;
  readonly appDir: string | undefined;
  /** Whether the address of a request is the one that a proxy in front of the relay names. */
  readonly trustProxy: boolean;
  /** Whether the relay goes down: a connection that is kept for more requests would be waited for. */
  readonly isDraining: () => boolean;
}

/** All that the relay answers over HTTP; it does not listen yet. Throws `RelayStartError` `no-app`. */
export async function buildHttpServer(ports: HttpPorts): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: ports.logger.child({}, { serializers: { req: () => undefined } }),
    // Fastify's own lines hold the whole address, and that may hold a grant.
    logController: new LogController({ disableRequestLogging: true }),
    // The one proxy in front wrote the last address of X-Forwarded-For; what stands before it is whatever a client sent.
    trustProxy: ports.trustProxy && ((_address, hop) => hop === 0),
    requestTimeout: 30_000,
    routerOptions: { ignoreTrailingSlash: false },
  }) as unknown as FastifyInstance;
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (ports.isDraining()) void reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const line = { method: request.method, route: request.routeOptions.url ?? '-', status: reply.statusCode };
    request.log.debug({ ...line, address: request.ip }, 'request');
    done();
  });
  answerErrors(app);
  await securityHeaders(app);
  statusRoutes(app, ports.status);
  factsRoute(app, ports.facts);
  const { github } = ports;
  if (github) {
    await app.register(async (scope) => {
      await githubRoutes(scope, github);
    });
  }
  await app.register(async (scope) => {
    await rendezvousRoutes(scope, ports.hall, ports.postsPerMinute);
  });
  await app.register(async (scope) => {
    await chainRoutes(scope, ports.chains);
  });
  await app.register((scope, _options, done) => {
    lineRoutes(scope, ports.lines);
    done();
  });
  if (ports.appDir !== undefined) await appFiles(app, ports.appDir);
  answerNotFound(app, ports.appDir !== undefined);
  return app;
}
