import {
  parseAgreementPublicKey,
  parseSigningPublicKey,
  RelayError,
  type AgreementPublicKey,
  type SigningPublicKey,
} from '@palmkey/envelope';
import { limits } from '../limits.ts';
import { exclusively, type Database } from './database.ts';

/** A sign-in at GitHub that is under way. */
export interface SignIn {
  /** SHA-256 of the `state` that went to GitHub, 32 bytes. */
  readonly stateHash: Uint8Array;
  /** SHA-256 of the browser's cookie, 32 bytes. */
  readonly cookieHash: Uint8Array;
  /** The PKCE verifier (RFC 7636 §4.1). */
  readonly verifier: string;
  readonly signingKey: SigningPublicKey;
  readonly agreementKey: AgreementPublicKey;
  /** The origin of the app that the browser goes back to. */
  readonly back: string;
}

/** The sign-ins that are under way, each good once, on whichever node GitHub sends the browser to. */
export class SignInStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps the hash of a nonce, for two minutes. Throws `RelayError` `unavailable` where too many are out. */
  async giveNonce(nonceHash: Uint8Array, now: number): Promise<void> {
    await exclusively(this.#database, 'admission', async (transaction) => {
      const { out } = await transaction
        .selectFrom('sign_in_nonces')
        .select((of) => of.fn.countAll<number>().as('out'))
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow();
      if (out >= limits.signInsTotal) throw new RelayError('unavailable');
      const expires_at = now + limits.signInNonceLifetimeMs;
      await transaction.insertInto('sign_in_nonces').values({ nonce_hash: nonceHash, expires_at }).execute();
    });
  }

  /** Whether a nonce was given, not too long ago, and is not used yet; it is used up by the question. */
  async takeNonce(nonceHash: Uint8Array, now: number): Promise<boolean> {
    const row = await this.#database.db
      .deleteFrom('sign_in_nonces')
      .where('nonce_hash', '=', nonceHash)
      .returning('expires_at')
      .executeTakeFirst();
    return row !== undefined && row.expires_at > now;
  }

  /** Keeps one for ten minutes. Throws `RelayError` `unavailable` where too many are under way. */
  async begin(signIn: SignIn, now: number): Promise<void> {
    await exclusively(this.#database, 'admission', async (transaction) => {
      const { underWay } = await transaction
        .selectFrom('sign_ins')
        .select((of) => of.fn.countAll<number>().as('underWay'))
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow();
      if (underWay >= limits.signInsTotal) throw new RelayError('unavailable');
      await transaction
        .insertInto('sign_ins')
        .values({
          state_hash: signIn.stateHash,
          cookie_hash: signIn.cookieHash,
          verifier: signIn.verifier,
          signing_key: signIn.signingKey,
          agreement_key: signIn.agreementKey,
          back: signIn.back,
          expires_at: now + limits.signInLifetimeMs,
        })
        .execute();
    });
  }

  /** The sign-in of a state, which is used up by it; null where there is none, or it was begun too long ago. */
  async take(stateHash: Uint8Array, now: number): Promise<SignIn | null> {
    const row = await this.#database.db
      .deleteFrom('sign_ins')
      .where('state_hash', '=', stateHash)
      .returningAll()
      .executeTakeFirst();
    if (!row || row.expires_at <= now) return null;
    return {
      stateHash,
      cookieHash: new Uint8Array(row.cookie_hash),
      verifier: row.verifier,
      signingKey: parseSigningPublicKey(new Uint8Array(row.signing_key)),
      agreementKey: parseAgreementPublicKey(new Uint8Array(row.agreement_key)),
      back: row.back,
    };
  }

  /** Lets go of those that are over. */
  async sweep(now: number): Promise<void> {
    await this.#database.db.deleteFrom('sign_ins').where('expires_at', '<=', now).execute();
    await this.#database.db.deleteFrom('sign_in_nonces').where('expires_at', '<=', now).execute();
  }
}
