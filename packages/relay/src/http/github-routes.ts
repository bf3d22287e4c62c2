import rateLimit from '@fastify/rate-limit';
import { BytesError, RelayError } from '@palmkey/envelope';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { parseProof, type GithubSignIn, type Proof } from '../github/sign-in.ts';
import { limits } from '../limits.ts';
import { networkOf } from './network.ts';

const NONCE = '/v1/github/nonce';
const START = '/v1/github/start';
const CALLBACK = '/v1/github/callback';
const COOKIE = 'palmkey-sign-in';

const startForm = v.strictObject({
  signingKey: v.string(),
  agreementKey: v.string(),
  nonce: v.string(),
  signature: v.string(),
  origin: v.string(),
  back: v.string(),
});
/** What GitHub adds beside these tells nothing. */
const text = v.optional(v.pipe(v.string(), v.maxLength(512)));
const callbackQuery = v.object({ state: text, code: text, error: text });

/** What the routes of this file work with. */
export interface GithubRoutesPorts {
  readonly signIn: GithubSignIn;
  /** The relay's own origins; asked each time. */
  readonly origins: () => readonly string[];
  /** Further origins that the app is served from. */
  readonly appOrigins: readonly string[];
}

/** Signing in with GitHub (spec/relay.md, "Admission"). */
export async function githubRoutes(app: FastifyInstance, ports: GithubRoutesPorts): Promise<void> {
  const { signIn, origins, appOrigins } = ports;
  await app.register(rateLimit, { global: false });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4 * 1024 },
    (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))));
    },
  );
  const perAddress = {
    max: limits.signInsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request: { readonly ip: string }) => networkOf(request.ip),
    errorResponseBuilder: (_request: unknown, context: { ttl: number }) => new RelayError('rate-limited', context.ttl),
  };
  /** The address of the relay that the browser is to come back to: where it has the cookie. */
  const homeOf = (request: FastifyRequest): string => {
    const host = request.headers.host ?? '';
    const [first = '', ...others] = origins();
    return [first, ...others].find((origin) => new URL(origin).host === host) ?? first;
  };

  /** Where a sign-in may begin, and come back to. */
  const isAllowed = (origin: string): boolean => origins().includes(origin) || appOrigins.includes(origin);

  app.post(NONCE, { config: { rateLimit: perAddress } }, async (request, reply) => {
    // An app of another origin asks too; a nonce is of use to whoever has a device's key.
    void reply.header('access-control-allow-origin', '*').header('cache-control', 'no-store');
    // A browser's form would be refused, with its page gone: who asks before hears of it while there is something to say.
    if (request.headers.origin !== undefined && !isAllowed(request.headers.origin))
      throw new RelayError('wrong-origin');
    return reply.code(201).send({ nonce: await signIn.newNonce() });
  });

  app.post(START, { config: { rateLimit: perAddress } }, async (request, reply) => {
    const form = parse(startForm, request.body);
    // Of another page neither the keys nor the way back are to be trusted.
    if (!isAllowed(request.headers.origin ?? '') || !isAllowed(form.back)) throw new RelayError('wrong-origin');
    // Signed for another relay.
    if (!origins().includes(form.origin)) throw new RelayError('wrong-origin');
    const home = homeOf(request);
    const redirectUri = `${home}${CALLBACK}`;
    const { cookie, url } = await signIn.begin({ ...proofOf(form), back: form.back, redirectUri });
    return reply
      .header('set-cookie', cookieOf(cookie, limits.signInLifetimeMs / 1000, home))
      .header('cache-control', 'no-store')
      .redirect(url, 303);
  });

  app.get(CALLBACK, { config: { rateLimit: perAddress } }, async (request, reply) => {
    const home = homeOf(request);
    const { state, code, error } = parse(callbackQuery, request.query);
    const end = await signIn.end({
      state,
      code,
      error,
      cookie: cookieIn(request),
      redirectUri: `${home}${CALLBACK}`,
    });
    const fragment = end.is === 'signed-in' ? 'signed-in' : `sign-in-failed=${end.code}`;
    return reply
      .header('set-cookie', cookieOf('', 0, home))
      .header('cache-control', 'no-store')
      .redirect(`${end.back ?? home}/#${fragment}`, 303);
  });
}

/** RFC 6265 §4.1. `Lax` lets it come along when GitHub sends the browser back, and with no other page's posts. */
function cookieOf(value: string, maxAgeS: number, home: string): string {
  const secure = home.startsWith('https:') ? '; Secure' : '';
  return `${COOKIE}=${value}; Max-Age=${maxAgeS}; Path=/v1/github; HttpOnly; SameSite=Lax${secure}`;
}

function cookieIn(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

function proofOf(form: Readonly<Record<keyof Proof, string>>): Proof {
  try {
    return parseProof(form);
  } catch (error) {
    if (error instanceof BytesError) throw new RelayError('bad-frame');
    throw error;
  }
}

function parse<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, value);
  if (!result.success) throw new RelayError('bad-frame');
  return result.output;
}
