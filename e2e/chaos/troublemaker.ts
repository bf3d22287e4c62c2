/** Ends the parts of a relay at random moments, and has them started again as a supervisor would. */
import type { Random } from '../fuzz/random.ts';
import type { Cluster } from '../lib/cluster.ts';
import type { MailDevice } from '../lib/mail-device.ts';

/** What can happen, and how often it does beside the others. */
const faults = {
  'node killed': 6,
  'node stopped': 2,
  'NATS killed': 2,
  'PostgreSQL crashed': 2,
  'devices restarted': 3,
} as const;
export type Fault = keyof typeof faults;

/** Between two faults, and until what is down is started again, ms. */
const PAUSE = { from: 300, to: 2_500 } as const;
const DOWN = { from: 100, to: 3_000 } as const;
/** Between two tries of a node to start: it cannot while NATS or PostgreSQL is down. */
const TRY_AGAIN_MS = 500;
/** A part that has not started again after so long will not. */
const UP_WITHIN_MS = 90_000;
/** How many devices have their program ended at once. */
const RESTARTED = 10;

export class Troublemaker {
  readonly happened = new Map<Fault, number>();
  readonly #cluster: Cluster;
  readonly #devices: readonly MailDevice[];
  readonly #random: Random;
  readonly #onProgramEnded: (device: MailDevice) => void;
  readonly #down = new Map<string, Promise<void>>();
  readonly #failures: Error[] = [];

  constructor(
    cluster: Cluster,
    devices: readonly MailDevice[],
    random: Random,
    onProgramEnded: (device: MailDevice) => void,
  ) {
    this.#cluster = cluster;
    this.#devices = devices;
    this.#random = random;
    this.#onProgramEnded = onProgramEnded;
  }

  /** Makes trouble until the signal, then waits until everything runs again. Throws where a part does not. */
  async run(until: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#within(PAUSE));
      if (until.aborted) break;
      this.#make(this.#pick());
    }
    while (this.#down.size > 0) await Promise.all(this.#down.values());
    const [failure] = this.#failures;
    if (failure) throw failure;
  }

  #pick(): Fault {
    const all = Object.entries(faults).flatMap(([fault, weight]) =>
      Array.from({ length: weight }, () => fault as Fault),
    );
    return this.#random.pick(all);
  }

  #make(fault: Fault): void {
    const { nodes, nats, postgres } = this.#cluster;
    switch (fault) {
      case 'node killed':
      case 'node stopped': {
        const index = this.#random.below(nodes.length);
        const node = this.#cluster.node(index);
        const end = () => (fault === 'node killed' ? node.kill() : node.stop());
        return this.#takeDown(fault, `node ${index}`, end, () => node.start());
      }
      case 'NATS killed':
        return this.#takeDown(
          fault,
          'nats',
          () => nats.kill(),
          () => nats.restart(),
        );
      case 'PostgreSQL crashed':
        return this.#takeDown(
          fault,
          'postgres',
          () => postgres.stop('SIGQUIT'),
          () => postgres.run(),
        );
      case 'devices restarted':
        this.#count(fault);
        for (let i = 0; i < RESTARTED; i++) {
          const device = this.#random.pick(this.#devices);
          device.stop();
          this.#onProgramEnded(device);
          device.start();
        }
    }
  }

  #takeDown(fault: Fault, part: string, end: () => Promise<void>, start: () => Promise<void>): void {
    if (this.#down.has(part)) return;
    this.#count(fault);
    const downMs = this.#within(DOWN);
    const again = async (): Promise<void> => {
      await end();
      await pause(downMs);
      const giveUpAt = performance.now() + UP_WITHIN_MS;
      for (;;) {
        try {
          await start();
          return;
        } catch (error) {
          if (performance.now() > giveUpAt) throw error;
          await pause(TRY_AGAIN_MS);
        }
      }
    };
    const failed = (cause: unknown): void => {
      this.#failures.push(new Error(`${part}: ${fault}, and not up again`, { cause }));
    };
    this.#down.set(
      part,
      again()
        .catch(failed)
        .finally(() => this.#down.delete(part)),
    );
  }

  #count(fault: Fault): void {
    this.happened.set(fault, (this.happened.get(fault) ?? 0) + 1);
  }

  #within({ from, to }: { readonly from: number; readonly to: number }): number {
    return from + this.#random.below(to - from);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
