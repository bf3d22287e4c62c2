import {
  AuthorizationError,
  connect,
  headers,
  PermissionViolationError,
  UserAuthenticationExpiredError,
  type Msg,
  type NatsConnection,
  type TlsOptions,
} from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { RelayStartError } from '../errors.ts';
import type { BusAccess } from '../options.ts';
import { isTlsFault } from '../tls-fault.ts';
import { hostOf, parseNatsAddress, type NatsAddress } from './nats-address.ts';
import { natsLogin } from './nats-credentials.ts';

/** How long the first connection may take, and between two tries of a further one. */
const CONNECT_WITHIN_MS = 10_000;
const RECONNECT_EVERY_MS = 250;
/** And where NATS does not let this relay in any more, which only its operator can change. */
const LOG_IN_EVERY_MS = 5_000;
/** A server that does not answer two pings is gone: a cable that was pulled says nothing. */
const PING_EVERY_MS = 2_000;

/** What a link tells of itself: whether NATS let it in when it last asked. */
interface Standing {
  refused: boolean;
}

/** A node's one connection to NATS: it is made anew for ever, and says when it is there and when it is not. */
export class NatsLink implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly address: NatsAddress;
  readonly #standing: Standing;
  readonly #watchers: { up: () => void; down: () => void }[] = [];
  readonly #forbidden = new Set<string>();
  #connected = true;

  private constructor(connection: NatsConnection, address: NatsAddress, standing: Standing, logger: Logger) {
    this.connection = connection;
    this.address = address;
    this.#standing = standing;
    void this.#watch(logger);
  }

  /**
   * Throws {@link RelayStartError} `bad-bus` or `bad-bus-credentials`; `no-bus` where no server is reached, `bus-login`
   * where none lets this node in, `bus-tls` where TLS is asked for and none offers it with a certificate that is good.
   */
  static async connect(url: string, logger: Logger, access: BusAccess = {}): Promise<NatsLink> {
    const address = parseNatsAddress(url);
    const login = natsLogin(address, access.credentials);
    const tls = tlsOptions(address, access);
    const standing: Standing = { refused: false };
    try {
      const connection = await connect({
        servers: [...address.servers],
        name: 'palmkey-relay',
        timeout: CONNECT_WITHIN_MS,
        maxReconnectAttempts: -1,
        reconnectDelayHandler: () =>
          (standing.refused ? LOG_IN_EVERY_MS : RECONNECT_EVERY_MS) + Math.random() * RECONNECT_EVERY_MS,
        ignoreAuthErrorAbort: true,
        pingInterval: PING_EVERY_MS,
        maxPingOut: 2,
        noEcho: true,
        noAsyncTraces: true,
        ...(tls && { tls }),
        ...(login && { authenticator: login }),
      });
      return new NatsLink(connection, address, standing, logger);
    } catch (error) {
      throw startError(error);
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
        this.#standing.refused = false;
        logger.info('the bus is back');
        for (const { up } of this.#watchers) up();
      } else if (status.type === 'error') this.#onError(status.error, logger);
    }
  }

  /** Each is said once: a server that refuses does so at every try. */
  #onError(error: Error, logger: Logger): void {
    if (isLoginFault(error) && !this.#standing.refused) {
      this.#standing.refused = true;
      logger.error({ err: error }, 'the bus does not let this relay in any more');
    } else if (error instanceof PermissionViolationError && !this.#forbidden.has(error.operation)) {
      this.#forbidden.add(error.operation);
      logger.error({ err: error }, 'the bus forbids this relay what it needs');
    }
  }
}

/** Undefined where nothing asks for TLS: then NATS's client still uses it with a server that offers it. */
function tlsOptions({ servers, tls }: NatsAddress, { ca, certificate, key }: BusAccess): TlsOptions | undefined {
  if (!tls && ca === undefined && certificate === undefined) return undefined;
  const names = servers.map(hostOf);
  const options: TlsOptions & { checkServerIdentity: typeof checkServerIdentity } = {
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && key !== undefined && { cert: certificate, key }),
    checkServerIdentity: (dialled, certificate) => identityFault([...names, dialled], certificate),
  };
  return options;
}

/**
 * Undefined for a certificate of one of these names. A server that others have told of may be known by an address alone,
 * and of an address that is dialled Node is told nothing: it would look for `localhost`.
 */
function identityFault(names: readonly string[], certificate: PeerCertificate): Error | undefined {
  const wanted = names.filter((name, at) => name !== 'localhost' || at < names.length - 1);
  const faults = wanted.map((name) => checkServerIdentity(name, certificate));
  return faults.includes(undefined) ? undefined : faults[0];
}

function isLoginFault(error: unknown): boolean {
  return error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError;
}

function startError(error: unknown): RelayStartError {
  if (isLoginFault(error)) return new RelayStartError('bus-login', 'NATS does not let this relay in', error);
  if (isTlsFault(error)) return new RelayStartError('bus-tls', 'no TLS with NATS by which it is known', error);
  return new RelayStartError('no-bus', 'NATS is not reached', error);
}
