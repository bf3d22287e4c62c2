/**
 * GitHub as its public documentation describes it, for signing in: the pages "Authorizing OAuth apps", "Troubleshooting
 * OAuth app access token request errors" and "REST API endpoints for organization members". A program of its own, on
 * loopback: `--client-id`, `--client-secret`, `--redirect-uri` name the one app that is registered with it. It prints
 * `{"url"}` when it listens. Which account is signed in is chosen on its page, as if that person's browser had a session.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';

interface Person {
  readonly id: number;
  login: string;
  /** By number of the organisation: joined, or invited only. `closed` organisations do not let the app look. */
  readonly memberships: Readonly<Record<number, 'active' | 'pending' | 'closed'>>;
}

const people: readonly Person[] = [
  { id: 1001, login: 'Ada', memberships: { 5001: 'active' } },
  { id: 1002, login: 'bert', memberships: { 5001: 'pending' } },
  { id: 1003, login: 'cleo', memberships: { 5001: 'closed' } },
  { id: 1004, login: 'dora', memberships: { 5002: 'active' } },
];
/** Numbers of the organisations, by name in lower case. */
const organisations = new Map([
  ['garden', 5001],
  ['meadow', 5002],
]);

interface Grant {
  readonly person: Person;
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly scope: string;
  readonly expiresAt: number;
}

const { values } = parseArgs({
  options: {
    'client-id': { type: 'string' },
    'client-secret': { type: 'string' },
    'redirect-uri': { type: 'string', multiple: true },
    /** Answers everything with this status, as GitHub does when it is down or has had enough. */
    status: { type: 'string' },
  },
});
const clientId = values['client-id'] ?? '';
const clientSecret = values['client-secret'] ?? '';
const registered = values['redirect-uri'] ?? [];
const codes = new Map<string, Grant>();
const tokens = new Map<string, Grant>();

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(500).end());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://github');
  if (values.status !== undefined) {
    response.writeHead(Number(values.status), { 'x-ratelimit-remaining': '0' }).end('{"message":"not now"}');
  } else if (request.method === 'GET' && url.pathname === '/login/oauth/authorize') {
    showAuthorize(url.searchParams, response);
  } else if (request.method === 'POST' && url.pathname === '/authorize') {
    decide(new URLSearchParams(await bodyOf(request)), response);
  } else if (request.method === 'POST' && url.pathname === '/rename') {
    rename(new URLSearchParams(await bodyOf(request)), response);
  } else if (request.method === 'POST' && url.pathname === '/login/oauth/access_token') {
    exchange(request, new URLSearchParams(await bodyOf(request)), response);
  } else if (request.method === 'GET' && url.pathname === '/user') {
    const grant = authorized(request, response);
    if (grant) json(response, 200, { id: grant.person.id, login: grant.person.login });
  } else if (request.method === 'GET' && url.pathname.startsWith('/user/memberships/orgs/')) {
    showMembership(request, decodeURIComponent(url.pathname.slice('/user/memberships/orgs/'.length)), response);
  } else {
    json(response, 404, { message: 'Not Found' });
  }
}

/** The page on which a person allows an app to know who they are, or does not. */
function showAuthorize(query: URLSearchParams, response: ServerResponse): void {
  if (query.get('client_id') !== clientId) {
    response.writeHead(404).end('no such app');
    return;
  }
  const redirectUri = query.get('redirect_uri') ?? registered[0] ?? '';
  if (!registered.includes(redirectUri)) {
    // Goes to the registered address, never to the one that was asked for.
    redirect(response, registered[0] ?? '', { error: 'redirect_uri_mismatch', state: query.get('state') ?? '' });
    return;
  }
  const hidden = ['state', 'code_challenge', 'code_challenge_method', 'scope']
    .map((name) => `<input type="hidden" name="${name}" value="${escapeHtml(query.get(name) ?? '')}">`)
    .join('');
  const options = people.map(({ login }) => `<option>${escapeHtml(login)}</option>`).join('');
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><title>Authorize</title><form method="post" action="/authorize">${hidden}` +
      `<input type="hidden" name="redirect_uri" value="${escapeHtml(redirectUri)}">` +
      `<select name="login" aria-label="Account">${options}</select>` +
      '<button name="authorize" value="1">Authorize</button><button name="authorize" value="0">Cancel</button></form>',
  );
}

function decide(form: URLSearchParams, response: ServerResponse): void {
  const redirectUri = form.get('redirect_uri') ?? '';
  const state = form.get('state') ?? '';
  const person = people.find(({ login }) => login === form.get('login'));
  if (!registered.includes(redirectUri) || !person) {
    response.writeHead(422).end();
    return;
  }
  if (form.get('authorize') !== '1') {
    redirect(response, redirectUri, {
      error: 'access_denied',
      error_description: 'The user has denied your application access.',
      state,
    });
    return;
  }
  const code = randomBytes(10).toString('hex');
  const challenge = form.get('code_challenge_method') === 'S256' ? form.get('code_challenge') : null;
  const expiresAt = Date.now() + 10 * 60_000;
  codes.set(code, { person, redirectUri, challenge, scope: form.get('scope') ?? '', expiresAt });
  redirect(response, redirectUri, { code, state });
}

/** What an owner does in the settings: from then on the former name is nobody's, and anybody may take it. */
function rename(form: URLSearchParams, response: ServerResponse): void {
  const [from, to] = [form.get('from') ?? '', form.get('to') ?? ''];
  const person = people.find(({ login }) => login === from);
  const number = organisations.get(from);
  if (person) person.login = to;
  if (number !== undefined && organisations.delete(from)) organisations.set(to, number);
  response.writeHead(person || number !== undefined ? 204 : 404).end();
}

function exchange(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): void {
  const outcome = exchanged(form);
  if ((request.headers.accept ?? '').includes('application/json')) json(response, 200, outcome);
  else
    response
      .writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' })
      .end(new URLSearchParams(outcome).toString());
}

function exchanged(form: URLSearchParams): Record<string, string> {
  if (form.get('client_id') !== clientId || !isSame(form.get('client_secret') ?? '', clientSecret)) {
    return fault('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.');
  }
  const code = form.get('code') ?? '';
  const grant = codes.get(code);
  codes.delete(code);
  const verifier = form.get('code_verifier');
  const challenge = verifier === null ? null : createHash('sha256').update(verifier).digest('base64url');
  if (!grant || grant.expiresAt <= Date.now() || challenge !== grant.challenge) {
    return fault('bad_verification_code', 'The code passed is incorrect or expired.');
  }
  if ((form.get('redirect_uri') ?? grant.redirectUri) !== grant.redirectUri) {
    return fault(
      'redirect_uri_mismatch',
      'The redirect_uri MUST match the registered callback URL for this application.',
    );
  }
  const token = `gho_${randomBytes(18).toString('hex')}`;
  tokens.set(token, grant);
  return { access_token: token, scope: grant.scope, token_type: 'bearer' };
}

function showMembership(request: IncomingMessage, organisation: string, response: ServerResponse): void {
  const grant = authorized(request, response);
  if (!grant) return;
  const number = organisations.get(organisation.toLowerCase());
  const state = number === undefined ? undefined : grant.person.memberships[number];
  if (!grant.scope.split(' ').includes('read:org') || state === 'closed') {
    json(response, 403, {
      message: 'Although you appear to have the correct authorization credentials, access is refused.',
    });
  } else if (state === undefined) {
    json(response, 404, { message: 'Not Found' });
  } else {
    json(response, 200, { state, role: 'member', organization: { id: number, login: organisation } });
  }
}

function authorized(request: IncomingMessage, response: ServerResponse): Grant | undefined {
  if (request.headers['user-agent'] === undefined) {
    response.writeHead(403).end('Request forbidden by administrative rules.');
    return undefined;
  }
  const [, token = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
  const grant = tokens.get(token);
  if (!grant) json(response, 401, { message: 'Bad credentials' });
  return grant;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += String(part);
    if (text.length > 16 * 1024) throw new Error('too long');
  }
  return text;
}

function redirect(response: ServerResponse, to: string, query: Record<string, string>): void {
  response.writeHead(302, { location: `${to}?${new URLSearchParams(query).toString()}` }).end();
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

function fault(error: string, description: string): Record<string, string> {
  return { error, error_description: description };
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
