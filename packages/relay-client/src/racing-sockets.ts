import type { Socket, SocketEvents, SocketPort, Timers } from './ports.ts';

/** How long a WebSocket may take to bring the challenge before a line is tried beside it. */
const HEAD_START_MS = 3_000;
/** A WebSocket that failed so often before its challenge has no head start any more. */
const FAILURES_BEFORE_LINE = 2;
/**
 * How much longer than a line a WebSocket may take. A relay that has just come back takes both, and a line is the worse
 * one: whoever vanishes from it is missed late.
 */
const GRACE_MS = 1_000;
/** How often a device that is on a line tries whether a WebSocket works again. */
const PROBE_EVERY_MS = 3 * 60_000;
/** How long such a try may take. */
const PROBE_WITHIN_MS = 10_000;
/** RFC 6455 §7.4.1: going away. */
const GOING_AWAY = 1001;

/** Which way to the relay. */
type Way = 'socket' | 'line';
type Ways = Readonly<Record<Way, SocketPort>>;

/**
 * Two ways to one relay behind one port: WebSockets, and lines where a network breaks those. The first that brings the
 * relay's challenge is the connection, a WebSocket also a second later; a way that worked is tried first the next time. While on a line it looks every
 * three minutes whether a WebSocket gets through, and then ends the line, so that its owner connects anew.
 */
export function racingSockets(ways: Ways, timers: Timers): SocketPort {
  return new RacingSockets(ways, timers);
}

class RacingSockets implements SocketPort {
  readonly ways: Ways;
  readonly timers: Timers;
  preferred: Way = 'socket';
  /** How often in a row a WebSocket has failed before its challenge. */
  socketFailures = 0;

  constructor(ways: Ways, timers: Timers) {
    this.ways = ways;
    this.timers = timers;
  }

  connect(url: string, events: SocketEvents): Socket {
    return new Race(this, url, events);
  }
}

interface Runner {
  readonly way: Way;
  readonly socket: Socket;
  readonly startedAt: number;
}

class Race implements Socket {
  readonly #shared: RacingSockets;
  readonly #url: string;
  readonly #events: SocketEvents;
  readonly #running = new Set<Runner>();
  /** What a line has brought while a WebSocket may still win. */
  #held: { readonly line: Runner; readonly messages: Uint8Array[] } | undefined;
  #winner: Runner | undefined;
  #over = false;
  #cancelTimer: () => void = () => undefined;

  constructor(shared: RacingSockets, url: string, events: SocketEvents) {
    this.#shared = shared;
    this.#url = url;
    this.#events = events;
    const { preferred, socketFailures, timers } = shared;
    this.#start(preferred);
    if (preferred === 'socket' && socketFailures >= FAILURES_BEFORE_LINE) this.#start('line');
    else
      this.#cancelTimer = timers.after(HEAD_START_MS, () => {
        this.#startOthers();
      });
  }

  send(bytes: Uint8Array): void {
    this.#winner?.socket.send(bytes);
  }

  close(): void {
    this.#over = true;
    this.#cancelTimer();
    for (const { socket } of this.#running) socket.close();
  }

  #startOthers(): void {
    if (this.#over || this.#winner !== undefined) return;
    for (const way of ['socket', 'line'] as const) this.#start(way);
  }

  #start(way: Way): void {
    if (this.#runnerOf(way) !== undefined) return;
    const socket = this.#shared.ways[way].connect(this.#url, {
      onOpen: () => undefined,
      onMessage: (bytes) => {
        this.#heard(runner, bytes);
      },
      onClose: (code, reason) => {
        this.#ended(runner, code, reason);
      },
    });
    const runner: Runner = { way, socket, startedAt: this.#shared.timers.now() };
    this.#running.add(runner);
  }

  #heard(runner: Runner, bytes: Uint8Array): void {
    if (this.#over) return;
    if (runner === this.#held?.line) this.#held.messages.push(bytes);
    else if (this.#winner === undefined && runner.way === 'line' && this.#graceMs() > 0) this.#hold(runner, bytes);
    else {
      if (this.#winner === undefined) this.#win(runner);
      if (this.#winner === runner) this.#events.onMessage(bytes);
    }
  }

  /** How long a line waits for a WebSocket; not for one that has had its time, nor where a line worked last. */
  #graceMs(): number {
    if (this.#shared.preferred === 'line') return 0;
    const startedAt = this.#runnerOf('socket')?.startedAt;
    return startedAt === undefined ? GRACE_MS : GRACE_MS - (this.#shared.timers.now() - startedAt);
  }

  #hold(line: Runner, first: Uint8Array): void {
    this.#cancelTimer();
    this.#held = { line, messages: [first] };
    this.#cancelTimer = this.#shared.timers.after(this.#graceMs(), () => {
      this.#release();
    });
    this.#start('socket');
  }

  /** No WebSocket has come: the line is the connection. */
  #release(): void {
    const held = this.#held;
    if (held === undefined || this.#over) return;
    this.#held = undefined;
    this.#win(held.line);
    for (const message of held.messages) this.#events.onMessage(message);
  }

  #runnerOf(way: Way): Runner | undefined {
    return [...this.#running].find((runner) => runner.way === way);
  }

  #win(winner: Runner): void {
    this.#winner = winner;
    this.#held = undefined;
    this.#cancelTimer();
    for (const other of this.#running) if (other !== winner) other.socket.close();
    this.#shared.preferred = winner.way;
    if (winner.way === 'socket') this.#shared.socketFailures = 0;
    else this.#probeLater();
    this.#events.onOpen();
  }

  #ended(runner: Runner, code: number, reason: string): void {
    this.#running.delete(runner);
    if (this.#over) return;
    if (runner.way === 'socket' && runner !== this.#winner) this.#shared.socketFailures++;
    // A way that fails has the other tried next time, unless it is on its way already.
    if (this.#winner === undefined) this.#shared.preferred = 'socket';
    if (runner === this.#held?.line) this.#held = undefined;
    if (runner.way === 'socket' && this.#held !== undefined) {
      this.#release();
      return;
    }
    if (runner !== this.#winner && this.#running.size > 0) return;
    this.#over = true;
    this.#cancelTimer();
    this.#events.onClose(code, reason);
  }

  #probeLater(): void {
    this.#cancelTimer = this.#shared.timers.after(PROBE_EVERY_MS, () => {
      this.#probe();
    });
  }

  /** The relay challenges whoever comes: no device has two connections by this. */
  #probe(): void {
    let open = true;
    const end = (): void => {
      if (!open) return;
      open = false;
      probe.close();
      cancel();
    };
    const probe = this.#shared.ways.socket.connect(this.#url, {
      onOpen: () => undefined,
      onMessage: () => {
        if (!open) return;
        end();
        this.#leaveLine();
      },
      onClose: end,
    });
    const cancel = this.#shared.timers.after(PROBE_WITHIN_MS, end);
    this.#probeLater();
    const cancelNext = this.#cancelTimer;
    this.#cancelTimer = () => {
      cancelNext();
      end();
    };
  }

  #leaveLine(): void {
    if (this.#over) return;
    this.#shared.preferred = 'socket';
    this.#shared.socketFailures = 0;
    this.close();
    this.#events.onClose(GOING_AWAY, '');
  }
}
