import rateLimit from '@fastify/rate-limit';
import { fromHex, parseAccountId, RelayError, toHex, type AccountId, type ChainHead } from '@palmkey/envelope';
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { limits } from '../limits.ts';
import { networkOf } from './network.ts';

const PATH = '/v1/accounts/:id/links';

const params = v.object({ id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)) });
const query = v.strictObject({
  after: v.pipe(v.string(), v.regex(/^(0|[1-9][0-9]{0,9})$/), v.transform(Number)),
});

/** Port: reads chains. Throws `RelayError` `no-chain`. */
export interface ChainReader {
  links(account: AccountId, after: number): Promise<{ readonly head: ChainHead; readonly links: Uint8Array }>;
}

/** Fetching a chain's links (spec/account.md, "At the relay"); whoever knows its id may, so many times a minute. */
export async function chainRoutes(app: FastifyInstance, chains: ChainReader): Promise<void> {
  await app.register(rateLimit, { global: false });
  const perAddress = {
    max: limits.chainFetchesPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request: { readonly ip: string }) => networkOf(request.ip),
    errorResponseBuilder: (_request: unknown, context: { ttl: number }) => new RelayError('rate-limited', context.ttl),
  };
  // The app may be served from another origin. A request without headers of its own needs no preflight.
  app.addHook('onRequest', (_request, reply, done) => {
    void reply
      .header('access-control-allow-origin', '*')
      .header('access-control-expose-headers', 'palmkey-head')
      .header('cache-control', 'no-store');
    done();
  });

  app.get(PATH, { config: { rateLimit: perAddress } }, async (request, reply) => {
    const { id } = parse(params, request.params);
    const { after } = parse(query, request.query);
    const { head, links } = await chains.links(parseAccountId(fromHex(id)), after);
    return reply
      .header('palmkey-head', `${head.seqno} ${toHex(head.hash)}`)
      .type('application/octet-stream')
      .send(Buffer.from(links.buffer, links.byteOffset, links.byteLength));
  });
}

function parse<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, value);
  if (!result.success) throw new RelayError('bad-frame');
  return result.output;
}
