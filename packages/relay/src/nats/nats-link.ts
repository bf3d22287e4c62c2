import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { RelayStartError } from '../errors.ts';
import { parseNatsAddress, type NatsAddress } from './nats-address.ts';

/** How long the first connection may take, and between two tries of a further one. */
const CONNECT_WITHIN_MS = 10_000;
const RECONNECT_EVERY_MS = 250;
/** A server that does not answer two pings is gone: a cable that was pulled says nothing. */
const PING_EVERY_MS = 2_000;

/** A node's one connection to NATS: it is made anew for ever, and says when it is there and when it is not. */
export class NatsLink implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly address: NatsAddress;
  readonly #watchers: { up: () => void; down: () => void }[] = [];
  #connected = true;

  private constructor(connection: NatsConnection, address: NatsAddress, logger: Logger) {
    this.connection = connection;
    this.address = address;
    void this.#watch(logger);
  }

  /** Throws {@link RelayStartError} `bad-bus`, or `no-bus` where none is reached or lets this node in. */
  static async connect(url: string, logger: Logger): Promise<NatsLink> {
    const address = parseNatsAddress(url);
    const { servers, tls, user, password, token } = address;
    try {
      const connection = await connect({
        servers: [...servers],
        name: 'palmkey-relay',
        timeout: CONNECT_WITHIN_MS,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_EVERY_MS,
        reconnectJitter: RECONNECT_EVERY_MS,
        ignoreAuthErrorAbort: true,
        pingInterval: PING_EVERY_MS,
        maxPingOut: 2,
        noEcho: true,
        noAsyncTraces: true,
        ...(tls && { tls: {} }),
        ...(user !== undefined && { user, pass: password ?? '' }),
        ...(token !== undefined && { token }),
      });
      return new NatsLink(connection, address, logger);
    } catch (error) {
      throw new RelayStartError('no-bus', 'NATS is not reached or does not let this relay in', error);
    }
  }

  /** Whether NATS is there now. What is published while it is not is lost. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Tells from now on of each loss of the connection and of each return. */
  onChange(watcher: { up: () => void; down: () => void }): void {
    this.#watchers.push(watcher);
  }

  /** Sends bytes to a subject; `id` lets a stream take them once. The bytes may change afterwards. */
  publish(subject: string, bytes: Uint8Array, { reply, id }: { reply?: string; id?: string } = {}): void {
    if (!this.#connected || this.connection.isClosed()) return;
    if (id === undefined) return this.connection.publish(subject, bytes, reply === undefined ? {} : { reply });
    const named = headers();
    named.set('Nats-Msg-Id', id);
    this.connection.publish(subject, bytes, { headers: named, ...(reply !== undefined && { reply }) });
  }

  /** Hears a subject until what it returns is called. `heard` must not throw. */
  subscribe(subject: string, heard: (message: Msg) => void): () => void {
    const subscription = this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) heard(message);
      },
    });
    return () => {
      if (!this.connection.isClosed()) subscription.unsubscribe();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connected && !this.connection.isClosed()) await this.connection.flush().catch(() => undefined);
    this.#connected = false;
    await this.connection.close();
  }

  async #watch(logger: Logger): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect' && this.#connected) {
        this.#connected = false;
        logger.warn('the bus is away');
        for (const { down } of this.#watchers) down();
      } else if (status.type === 'reconnect' && !this.#connected) {
        this.#connected = true;
        logger.info('the bus is back');
        for (const { up } of this.#watchers) up();
      }
    }
  }
}
