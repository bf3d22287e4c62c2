import { RelayError } from '@palmkey/envelope';
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { limits } from '../limits.ts';
import { joinFrames } from './line.ts';
import type { LineHall } from './line-hall.ts';

const PATH = '/v1/line';

const counterText = v.pipe(
  v.string(),
  v.regex(/^(0|[1-9][0-9]{0,15})$/),
  v.transform(Number),
  v.pipe(v.number(), v.safeInteger()),
);
const params = v.object({ token: v.pipe(v.string(), v.length(43)) });
const postQuery = v.strictObject({ seqno: counterText });
const getQuery = v.strictObject({ after: counterText, poll: counterText });

/** Lines: beginning, feeding, fetching and ending them (spec/relay.md, "lines"). */
export function lineRoutes(app: FastifyInstance, hall: LineHall): void {
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });

  // The app may be served from another origin. Nothing here rests on a cookie, so any origin may ask.
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'palmkey-from',
      'cache-control': 'no-store',
    });
    done();
  });
  for (const path of [PATH, `${PATH}/:token`]) {
    app.options(path, (_request, reply) => {
      void reply
        .headers({
          'access-control-allow-methods': 'GET, POST, DELETE',
          'access-control-allow-headers': 'content-type',
          'access-control-max-age': '600',
        })
        .code(204)
        .send();
    });
  }

  app.post(PATH, (request, reply) => {
    void reply.code(201).send({ line: hall.open(request.ip) });
  });

  app.post(`${PATH}/:token`, { bodyLimit: limits.maxPostedBytes }, (request, reply) => {
    const line = hall.line(parse(params, request.params, 'no-line').token);
    const { seqno } = parse(postQuery, request.query, 'bad-frame');
    if (!Buffer.isBuffer(request.body)) throw new RelayError('bad-frame');
    line.receive(seqno, request.body);
    void reply.code(204).send();
  });

  app.get(`${PATH}/:token`, async (request, reply) => {
    const line = hall.line(parse(params, request.params, 'no-line').token);
    const { after, poll } = parse(getQuery, request.query, 'bad-frame');
    const gone = new AbortController();
    reply.raw.once('close', () => {
      gone.abort();
    });
    const { from, frames } = await line.fetch(after, Math.min(poll, limits.maxLinePollMs), gone.signal);
    return reply.header('palmkey-from', from).type('application/octet-stream').send(joinFrames(frames));
  });

  app.delete(`${PATH}/:token`, (request, reply) => {
    hall.line(parse(params, request.params, 'no-line').token).close();
    void reply.code(204).send();
  });
}

function parse<T extends v.GenericSchema>(
  schema: T,
  value: unknown,
  otherwise: 'bad-frame' | 'no-line',
): v.InferOutput<T> {
  const result = v.safeParse(schema, value);
  if (!result.success) throw new RelayError(otherwise);
  return result.output;
}
