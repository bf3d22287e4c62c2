import {
  fromBase64Url,
  parseAgreementPublicKey,
  parseConnectNonce,
  parseSignature,
  parseSigningPublicKey,
  RelayError,
  signInMessage,
  type AgreementPublicKey,
  type ConnectNonce,
  type Signature,
  type SigningPublicKey,
} from '@palmkey/envelope';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { deviceIdOf } from '../admission.ts';
import type { Clock } from '../clock.ts';
import { isSignedBy } from '../is-signed-by.ts';
import type { GithubOptions } from '../options.ts';
import { shortName } from '../device-key.ts';
import type { Registry } from '../store/registry.ts';
import type { SignIn, SignInStore } from '../store/sign-in-store.ts';
import { GithubClient, GithubRefusal } from './github-client.ts';
import type { GuestList } from './guest-list.ts';

interface GithubSignInPorts {
  readonly options: GithubOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signIns: SignInStore;
  readonly guests: GuestList;
  readonly registry: Registry;
}

/** By what a form shows that whoever posts it has the device: its keys, and their signature over a nonce of ours. */
export interface Proof {
  readonly signingKey: SigningPublicKey;
  readonly agreementKey: AgreementPublicKey;
  readonly nonce: ConnectNonce;
  /** Over `signInMessage`, context `relay-sign-in`. */
  readonly signature: Signature;
  /** The origin by which the device knows this relay; that it is one of ours, the caller has checked. */
  readonly origin: string;
}

/** What a browser asks for. */
export interface SignInRequest extends Proof {
  /** The origin of the app, which the caller has checked. */
  readonly back: string;
  /** The relay's own address that GitHub sends the browser to. */
  readonly redirectUri: string;
}

/** What a browser comes back with; each part as it was given, or undefined. */
export interface Return {
  readonly state: string | undefined;
  readonly cookie: string | undefined;
  readonly code: string | undefined;
  /** GitHub's word for why there is no code. */
  readonly error: string | undefined;
  readonly redirectUri: string;
}

/** How a sign-in ended, and where the browser goes; `back` null: it is not known whence it came. */
export type SignInEnd =
  | { readonly is: 'signed-in'; readonly back: string }
  | { readonly is: 'failed'; readonly back: string | null; readonly code: SignInFault };

/** Why a device was not let in (spec/relay.md, "Errors"). */
export type SignInFault = 'bad-state' | 'sign-in-refused' | 'name-taken' | 'unavailable' | 'quota' | 'blocked';

/** Lets in the devices of people whom GitHub names (spec/relay.md, "Admission"). */
export class GithubSignIn {
  readonly #ports: GithubSignInPorts;
  readonly #client: GithubClient;

  constructor(ports: GithubSignInPorts) {
    this.#ports = ports;
    this.#client = new GithubClient(ports.options);
  }

  /** A nonce for a device to sign, base64url, good once and for two minutes. Throws `RelayError` `unavailable`: too many. */
  async newNonce(): Promise<string> {
    const nonce = newSecret();
    await this.#ports.signIns.giveNonce(sha256(nonce), this.#ports.clock.now());
    return nonce;
  }

  /**
   * Begins one: the cookie for the browser, and where it goes. Throws `RelayError`: `bad-state` for a nonce that is not
   * good, `bad-signature`, `unavailable` where too many are under way.
   */
  async begin({
    redirectUri,
    back,
    ...proof
  }: SignInRequest): Promise<{ readonly cookie: string; readonly url: string }> {
    await this.#check(proof);
    const { signingKey, agreementKey } = proof;
    const [state, cookie, verifier] = [newSecret(), newSecret(), newSecret()];
    const secrets = { stateHash: sha256(state), cookieHash: sha256(cookie), verifier };
    const signIn: SignIn = { ...secrets, signingKey, agreementKey, back };
    await this.#ports.signIns.begin(signIn, this.#ports.clock.now());
    const challenge = Buffer.from(sha256(verifier)).toString('base64url');
    return { cookie, url: this.#client.authorizeUrl(state, challenge, redirectUri) };
  }

  /** Ends one. Never throws. */
  async end(come: Return): Promise<SignInEnd> {
    let back: string | null = null;
    try {
      const { signIns, clock } = this.#ports;
      const signIn = come.state === undefined ? null : await signIns.take(sha256(come.state), clock.now());
      if (!signIn) throw new RelayError('bad-state');
      back = signIn.back;
      if (come.cookie === undefined || !timingSafeEqual(sha256(come.cookie), signIn.cookieHash)) {
        throw new RelayError('bad-state');
      }
      if (come.error !== undefined) {
        throw new RelayError(come.error === 'access_denied' ? 'sign-in-refused' : 'unavailable');
      }
      if (come.code === undefined) throw new RelayError('bad-state');
      await this.#letIn(signIn, come.code, come.redirectUri);
      return { is: 'signed-in', back: signIn.back };
    } catch (error) {
      return { is: 'failed', back, code: this.#faultOf(error) };
    }
  }

  /** Nobody has a device signed in whose keys they do not have, and no signature is of use twice or at another relay. */
  async #check({ signingKey, agreementKey, nonce, signature, origin }: Proof): Promise<void> {
    const { signIns, clock } = this.#ports;
    const nonceHash = sha256(Buffer.from(nonce).toString('base64url'));
    if (!(await signIns.takeNonce(nonceHash, clock.now()))) throw new RelayError('bad-state');
    const message = signInMessage(nonce, deviceIdOf(signingKey, agreementKey), origin);
    if (!isSignedBy(signingKey, 'relay-sign-in', message, signature)) throw new RelayError('bad-signature');
  }

  async #letIn(signIn: SignIn, code: string, redirectUri: string): Promise<void> {
    const { guests, registry, clock, logger } = this.#ports;
    const token = await this.#client.exchange(code, signIn.verifier, redirectUri);
    const user = await this.#client.user(token);
    const verdict = await guests.judge(user, (organisation) => this.#client.membership(token, organisation));
    if (verdict !== 'admitted') throw new RelayError(verdict);
    const { signingKey, agreementKey } = signIn;
    const id = deviceIdOf(signingKey, agreementKey);
    const letIn = await registry.admitByGithub({ id, signingKey, agreementKey }, user.id, clock.now());
    if (letIn.is === 'refused') throw new RelayError(letIn.code);
    logger.info({ device: shortName(id) }, 'device signed in with GitHub');
  }

  #faultOf(error: unknown): SignInFault {
    const { logger } = this.#ports;
    if (error instanceof GithubRefusal && error.code === 'unavailable') {
      logger.error({ reason: error.reason }, 'GitHub does not accept this relay');
    }
    if (!(error instanceof RelayError)) {
      logger.error({ err: error }, 'sign-in failed');
      return 'unavailable';
    }
    switch (error.code) {
      case 'bad-state':
      case 'sign-in-refused':
      case 'name-taken':
      case 'quota':
      case 'blocked':
        return error.code;
      default:
        return 'unavailable';
    }
  }
}

/** Reads the proof of a form, bytes as base64url; throws `BytesError`. */
export function parseProof(form: Readonly<Record<keyof Proof, string>>): Proof {
  return {
    signingKey: parseSigningPublicKey(fromBase64Url(form.signingKey)),
    agreementKey: parseAgreementPublicKey(fromBase64Url(form.agreementKey)),
    nonce: parseConnectNonce(fromBase64Url(form.nonce)),
    signature: parseSignature(fromBase64Url(form.signature)),
    origin: form.origin,
  };
}

/** 32 random bytes, base64url: also the form of a PKCE verifier (RFC 7636 §4.1). */
function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function sha256(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}
