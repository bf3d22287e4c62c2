import { RelayError, toBase64Url } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Connection } from '../socket/connection.ts';
import type { Entrance } from '../socket/entrance.ts';
import type { Wire } from '../socket/wire.ts';
import { Line } from './line.ts';

/** What the lines share. */
interface LineHallPorts {
  readonly clock: Clock;
  readonly connect: (wire: Wire) => Pick<Connection, 'receive' | 'fail' | 'gone' | 'drained'>;
  /** Where lines are counted as connections. */
  readonly entrance: Entrance;
}

/** All lines of this relay, by their tokens. */
export class LineHall {
  readonly #ports: LineHallPorts;
  readonly #lines = new Map<string, Line>();
  #draining = false;

  constructor(ports: LineHallPorts) {
    this.#ports = ports;
  }

  /**
   * Begins a line; its token: 32 random bytes, base64url. Throws `RelayError` `draining`, `too-many-connections`,
   * `rate-limited`.
   */
  open(address: string): string {
    if (this.#draining) throw new RelayError('draining');
    const { clock, connect, entrance } = this.#ports;
    const welcome = entrance.enter(address);
    if (welcome.is === 'turned away') throw new RelayError('rate-limited', welcome.retryAfterMs);
    if (welcome.is === 'refused') {
      entrance.leave(address);
      throw new RelayError(welcome.code, welcome.retryAfterMs);
    }
    const token = toBase64Url(randomBytes(32));
    const onOver = (): void => {
      if (this.#lines.delete(token)) entrance.leave(address);
    };
    this.#lines.set(token, new Line({ clock, connect, address, onOver }));
    return token;
  }

  /** The line with a token; throws `RelayError` `no-line`. */
  line(token: string): Line {
    const line = this.#lines.get(token);
    if (!line) throw new RelayError('no-line');
    return line;
  }

  /** Tells every device that the relay goes down. What waits to be fetched is answered at once. */
  drain(): void {
    this.#draining = true;
    for (const line of [...this.#lines.values()]) line.drain();
  }

  /** Ends all that is left. */
  close(): void {
    this.drain();
    for (const line of [...this.#lines.values()]) line.close();
  }
}
