import { RelayError } from '@palmkey/envelope';
import * as v from 'valibot';
import type { GithubOptions } from '../options.ts';

/** How long each question to GitHub may take. */
const ANSWERS_WITHIN_MS = 8_000;
/** The longest answer that is read: a user or a membership has some two thousand bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** A person as GitHub knows them. */
export interface GithubUser {
  /** GitHub's number of the account, which stays when its login changes. */
  readonly id: number;
  readonly login: string;
}

const tokenAnswer = v.union([
  v.object({ access_token: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)) }),
  v.object({ error: v.string() }),
]);
const accountNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const userAnswer = v.object({ id: accountNumber, login: v.string() });
const membershipAnswer = v.object({ state: v.string(), organization: v.object({ id: accountNumber }) });

/**
 * What a relay asks GitHub (docs.github.com, "Authorizing OAuth apps" and "REST API endpoints for organization members").
 * Methods throw `RelayError`: `unavailable` where GitHub does not answer, has had enough questions, or does not accept the
 * relay's own credentials; `bad-state` for a code that is not good. No token and no code is in an error.
 */
export class GithubClient {
  readonly #options: GithubOptions;
  readonly #web: string;
  readonly #api: string;

  constructor(options: GithubOptions) {
    this.#options = options;
    this.#web = options.webUrl ?? 'https://github.com';
    this.#api = options.apiUrl ?? 'https://api.github.com';
  }

  /** Where the browser is sent, with the S256 challenge of a PKCE verifier (RFC 7636 §4.2). */
  authorizeUrl(state: string, challenge: string, redirectUri: string): string {
    const { clientId, organisations } = this.#options;
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      state,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      // Who somebody is can be asked without any scope; of which organisations they are cannot.
      ...(organisations.length > 0 && { scope: 'read:org' }),
    });
    return `${this.#web}/login/oauth/authorize?${query.toString()}`;
  }

  /** Exchanges a code, good once, for a token. */
  async exchange(code: string, verifier: string, redirectUri: string): Promise<string> {
    const { clientId, clientSecret } = this.#options;
    const body = new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    const headers = { accept: 'application/json' };
    const answer = await ask(`${this.#web}/login/oauth/access_token`, { method: 'POST', headers, body });
    // Errors come with status 200 ("Troubleshooting OAuth app access token request errors").
    const parsed = answer.status === 200 ? read(tokenAnswer, answer.text) : undefined;
    if (parsed === undefined) throw new RelayError('unavailable');
    if ('access_token' in parsed) return parsed.access_token;
    throw new GithubRefusal(parsed.error);
  }

  /** Whose token it is. */
  async user(token: string): Promise<GithubUser> {
    const answer = await this.#get('/user', token);
    const user = answer.status === 200 ? read(userAnswer, answer.text) : undefined;
    if (!user) throw new RelayError('unavailable');
    return { id: user.id, login: user.login };
  }

  /**
   * GitHub's number of an organisation that the person has joined; null where they have not, as one who is invited and
   * has not accepted.
   */
  async membership(token: string, organisation: string): Promise<number | null> {
    const answer = await this.#get(`/user/memberships/orgs/${encodeURIComponent(organisation)}`, token);
    if (answer.status === 404) return null;
    // Also said by an organisation that has not allowed this app to look.
    if (answer.status === 403 && !answer.rateLimited) return null;
    const membership = answer.status === 200 ? read(membershipAnswer, answer.text) : undefined;
    if (!membership) throw new RelayError('unavailable');
    return membership.state === 'active' ? membership.organization.id : null;
  }

  async #get(path: string, token: string): Promise<Answer> {
    return ask(`${this.#api}${path}`, {
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'x-github-api-version': '2022-11-28',
        // GitHub refuses questions without one.
        'user-agent': 'palmkey-relay',
      },
    });
  }
}

/** GitHub's word for what is wrong with an exchange. */
export class GithubRefusal extends RelayError {
  /** One of GitHub's error words, or `other`. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason === 'bad_verification_code' ? 'bad-state' : 'unavailable');
    this.reason = /^[a-z_]{1,64}$/.test(reason) ? reason : 'other';
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** GitHub answers no more questions for a while ("Rate limits for the REST API"). */
  readonly rateLimited: boolean;
}

async function ask(url: string, init: RequestInit): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    // A redirect would carry the secret or the token to wherever it leads.
    const response = await fetch(url, { ...init, redirect: 'error', signal });
    const { status, headers } = response;
    const rateLimited = headers.get('x-ratelimit-remaining') === '0' || headers.has('retry-after');
    return { status, text: await boundedText(response), rateLimited };
  } catch {
    // What fetch says may hold the address asked, and that is all it could tell.
    throw new RelayError('unavailable');
  }
}

async function boundedText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    const bytes = part as Uint8Array;
    length += bytes.length;
    if (length > MAX_ANSWER_BYTES) throw new RangeError('an answer that is too long');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

function read<T extends v.GenericSchema>(schema: T, text: string): v.InferOutput<T> | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
