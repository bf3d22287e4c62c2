import rateLimit from '@fastify/rate-limit';
import {
  BytesError,
  fromBase64Url,
  parseRendezvousId,
  parseRendezvousSender,
  RelayError,
  toBase64Url,
  type RendezvousId,
} from '@palmkey/envelope';
import type { FastifyInstance, FastifyReply } from 'fastify';
import * as v from 'valibot';
import { limits } from '../limits.ts';
import { networkOf } from './network.ts';
import type { RendezvousHall } from '../rendezvous.ts';
import type { RendezvousMessage } from '../store/rendezvous-store.ts';

const PATH = '/v1/rendezvous/:id';
const NAMEPLATES = '/v1/nameplates/:number';
/** Room for the longest message as base64url, and for the rest of the JSON. */
const BODY_LIMIT = Math.ceil((limits.maxRendezvousMessageBytes * 4) / 3) + 1024;

const counter = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const counterText = v.pipe(v.string(), v.regex(/^(0|[1-9][0-9]{0,15})$/), v.transform(Number), counter);
const postBody = v.strictObject({ sender: v.string(), seqno: counter, msg: v.string() });
const getQuery = v.strictObject({ receiver: v.string(), low: counterText, poll: counterText });
const params = v.object({ id: v.string() });
const nameplate = v.object({ number: v.pipe(counterText, v.maxValue(0xffff_ffff)) });

/** Leaving and fetching messages at a rendezvous (spec/relay.md, "Rendezvous"); an address may leave so many a minute. */
export async function rendezvousRoutes(
  app: FastifyInstance,
  hall: RendezvousHall,
  postsPerMinute: number,
): Promise<void> {
  await app.register(rateLimit, { global: false });

  // The app may be served from another origin. Nothing here rests on a cookie, so any origin may ask.
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.header('access-control-allow-origin', '*').header('cache-control', 'no-store');
    done();
  });

  for (const path of [PATH, NAMEPLATES]) app.options(path, (_request, reply) => answerPreflight(reply));

  const perAddress = (max: number) => ({
    max,
    timeWindow: 60_000,
    keyGenerator: (request: { readonly ip: string }) => networkOf(request.ip),
    errorResponseBuilder: (_request: unknown, context: { ttl: number }) => new RelayError('rate-limited', context.ttl),
  });
  app.post(
    PATH,
    { bodyLimit: BODY_LIMIT, config: { rateLimit: perAddress(postsPerMinute) } },
    async (request, reply) => {
      const id = parseId(request.params);
      const body = parse(postBody, request.body);
      const msg = bytesOf(body.msg);
      const sender = parseRendezvousSender(bytesOf(body.sender, 16));
      const outcome = await hall.post(id, { sender, seqno: body.seqno, msg });
      return reply.code(outcome === 'posted' ? 201 : 200).send({});
    },
  );

  app.get(PATH, { config: { rateLimit: perAddress(limits.fetchesPerMinute) } }, async (request, reply) => {
    const id = parseId(request.params);
    const query = parse(getQuery, request.query);
    const receiver = parseRendezvousSender(bytesOf(query.receiver, 16));
    const gone = new AbortController();
    reply.raw.once('close', () => {
      gone.abort();
    });
    const messages = await hall.messages(id, receiver, query.low, query.poll, gone.signal);
    return { messages: messages.map(messageToJson) };
  });

  const nameplates = { config: { rateLimit: perAddress(limits.nameplatesPerMinute) } };
  app.post(NAMEPLATES, nameplates, async (request) => {
    const { number } = parse(nameplate, request.params);
    return { id: toBase64Url(await hall.claim(number)) };
  });
}

function answerPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .headers({
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '600',
    })
    .code(204)
    .send();
}

function parseId(value: unknown): RendezvousId {
  return parseRendezvousId(bytesOf(parse(params, value).id, 32));
}

function messageToJson(message: RendezvousMessage): { sender: string; seqno: number; msg: string } {
  return { sender: toBase64Url(message.sender), seqno: message.seqno, msg: toBase64Url(message.msg) };
}

function parse<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, value);
  if (!result.success) throw new RelayError('bad-frame');
  return result.output;
}

function bytesOf(text: string, length?: number): Uint8Array {
  try {
    const bytes = fromBase64Url(text);
    if (length === undefined || bytes.length === length) return bytes;
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
  }
  throw new RelayError('bad-frame');
}
