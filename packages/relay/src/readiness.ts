import { sql } from 'kysely';
import type { Bus } from './bus/bus.ts';
import type { Clock } from './clock.ts';
import type { PostOffice } from './post/post-office.ts';
import type { Database } from './store/database.ts';

/** What a relay may have to wait for before it can be used. */
export type WaitsFor = 'store' | 'bus' | 'draining';

interface ReadinessPorts {
  readonly clock: Clock;
  readonly database: Database;
  readonly post: Pick<PostOffice, 'waitsFor'>;
  /** Null where the relay is one node alone. */
  readonly bus: Pick<Bus, 'connected'> | null;
}

/** How long a store may take to answer before it counts as away. */
const ANSWER_WITHIN_MS = 2_000;

/** Whether the relay can be used now (spec/relay.md, "Other HTTP"). */
export class Readiness {
  readonly #ports: ReadinessPorts;
  #draining = false;
  /** One question at a time, however many ask. */
  #asking: Promise<boolean> | null = null;

  constructor(ports: ReadinessPorts) {
    this.#ports = ports;
  }

  /** From now on it goes down. */
  drain(): void {
    this.#draining = true;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** What it waits for; empty when it is ready. Never rejects. */
  async waitsFor(): Promise<readonly WaitsFor[]> {
    const { post, bus } = this.#ports;
    const away = new Set<WaitsFor>();
    if (!(await (this.#asking ??= this.#ask()))) away.add('store');
    const posts = post.waitsFor();
    if (posts !== null) away.add(posts);
    if (bus !== null && !bus.connected) away.add('bus');
    if (this.#draining) away.add('draining');
    return [...away];
  }

  async #ask(): Promise<boolean> {
    const { clock, database } = this.#ports;
    try {
      return await new Promise<boolean>((resolve) => {
        const cancel = clock.after(ANSWER_WITHIN_MS, () => resolve(false));
        const answered = (is: boolean) => {
          cancel();
          resolve(is);
        };
        sql`select 1`.execute(database.db).then(
          () => answered(true),
          () => answered(false),
        );
      });
    } finally {
      this.#asking = null;
    }
  }
}
