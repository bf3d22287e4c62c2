import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { GithubOptions } from '../options.ts';
import type { GithubNameStore } from '../store/github-name-store.ts';
import type { GithubNameKind } from '../store/schema.ts';
import type { GithubUser } from './github-client.ts';

interface GuestListPorts {
  readonly options: Pick<GithubOptions, 'users' | 'organisations'>;
  readonly names: GithubNameStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whether a person is among those that a relay is for; `name-taken`: only by a name that was somebody else's. */
export type Verdict = 'admitted' | 'sign-in-refused' | 'name-taken';

/**
 * Whom the operator lets in by name. A name is held to the number that it had when somebody was first let in by it: who
 * is renamed stays in, and who takes a name that became free does not get in by it.
 */
export class GuestList {
  readonly #ports: GuestListPorts;
  readonly #users: readonly string[];
  readonly #organisations: readonly string[];

  constructor(ports: GuestListPorts) {
    this.#ports = ports;
    // Logins have no case (docs.github.com, "The name is not case sensitive").
    this.#users = ports.options.users.map((name) => name.toLowerCase());
    this.#organisations = ports.options.organisations.map((name) => name.toLowerCase());
  }

  /** Forgets the numbers of names that the operator has taken off the list. Rejects as the store does. */
  async tidy(): Promise<void> {
    await this.#ports.names.keepOnly('user', this.#users);
    await this.#ports.names.keepOnly('organisation', this.#organisations);
  }

  /**
   * Judges a person. `memberOf` finds the number of an organisation that they have joined, null for one that they have
   * not; what it throws is passed on, as what the store throws is.
   */
  async judge(user: GithubUser, memberOf: (organisation: string) => Promise<number | null>): Promise<Verdict> {
    if (this.#users.length === 0 && this.#organisations.length === 0) return 'admitted';
    const pinned = await this.#ports.names.namesOf('user', user.id);
    if (pinned.some((name) => this.#users.includes(name))) return 'admitted';
    let taken = false;
    const login = user.login.toLowerCase();
    if (this.#users.includes(login)) {
      if (await this.#isStill('user', login, user.id)) return 'admitted';
      taken = true;
    }
    for (const name of this.#organisations) {
      const number = await memberOf(name);
      if (number === null) continue;
      if (await this.#isStill('organisation', name, number)) return 'admitted';
      taken = true;
    }
    return taken ? 'name-taken' : 'sign-in-refused';
  }

  async #isStill(kind: GithubNameKind, name: string, number: number): Promise<boolean> {
    const { names, clock, logger } = this.#ports;
    if ((await names.pin(kind, name, number, clock.now())) === number) return true;
    logger.warn({ listed: name }, 'a name of the list belongs to another account at GitHub than when it was first met');
    return false;
  }
}
