import type { AgreementPublicKey, DeviceId, SigningPublicKey } from '@palmkey/envelope';
import type { FastifyInstance } from 'fastify';
import { systemClock } from './clock.ts';
import { RelayStartError } from './errors.ts';
import { buildHttpServer } from './http/http-server.ts';
import { QuietConnections } from './http/quiet-connections.ts';
import { LineHall } from './http/line-hall.ts';
import { joinNodes, type Nodes, type NodesPorts } from './join-nodes.ts';
import { loggedError } from './logged-error.ts';
import { defaultRates, limits } from './limits.ts';
import { Membership } from './membership.ts';
import { Meter } from './metrics/meter.ts';
import { meteredChains } from './metrics/metered-chains.ts';
import { meteredPush } from './metrics/metered-push.ts';
import { Operator } from './operator.ts';
import { checkOptions, ownOrigins, type RelayOptions } from './options.ts';
import { Readiness } from './readiness.ts';
import { openPush } from './push/open-push.ts';
import { Connection } from './socket/connection.ts';
import { Entrance } from './socket/entrance.ts';
import { SocketServer } from './socket/socket-server.ts';
import { Switchboard } from './socket/switchboard.ts';
import { openDatabase } from './store/database.ts';
import { HeapRoom } from './young-heap.ts';

/** A relay that runs. */
export interface Relay extends AsyncDisposable {
  /** The port it listens at. */
  readonly port: number;
  /** The first of its origins. */
  readonly url: string;
  /** Knows a device from now on; returns its id. */
  admit(device: { signingKey: SigningPublicKey; agreementKey: AgreementPublicKey }): Promise<DeviceId>;
  /** What whoever runs it may order; every order takes effect at once. */
  readonly operator: Operator;
  /** How many devices are connected. */
  connections(): number;
  /**
   * Tells every device `draining`, over the drain time, lets what waits be read for at most 2 s, writes what is durable,
   * and closes all. Safe to call twice.
   */
  close(): Promise<void>;
}

/** Starts a relay; throws {@link RelayStartError}. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  checkOptions(options);
  const clock = options.clock ?? systemClock;
  const database = await openDatabase(options.store);
  const meter = new Meter();
  // Drivers' errors hold rows and keys.
  const logger = options.logger.child({}, { serializers: { err: loggedError } });
  const ports = { clock, logger, database, meter };
  const nodes = await joinNodes(options, ports).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  try {
    return await run(options, ports, nodes);
  } catch (error) {
    await nodes.close();
    await database.close();
    throw error;
  }
}

async function run(
  options: RelayOptions,
  { clock, logger, database, meter }: NodesPorts,
  nodes: Nodes,
): Promise<Relay> {
  let origins: readonly string[] = [];
  const membership = new Membership({
    options,
    database,
    clock,
    origins: () => origins,
    announce: (id) => {
      bus.rendezvous(id);
    },
    onAccountChanged: (account) => {
      switchboard.accountChanged(account);
    },
  });
  await membership.tidy();
  const { admission, devices, hall } = membership;
  const rates = { ...defaultRates, ...options.rates };
  const { bus } = nodes;
  const post = await nodes.openPost({
    onExpired: (from, to, number) => {
      switchboard.onExpired(from, to, number);
    },
    onNewEpoch: () => {
      switchboard.onNewEpoch();
    },
  });
  const push = await openPush({
    options: options.push,
    database,
    reads: (device) => switchboard.reads(device),
    clock,
    logger,
  });
  const switchboard = new Switchboard({
    clock,
    admission,
    hall,
    devices,
    accountOrders: membership.desk,
    pushOrders: meteredPush(push.orders, meter),
    chainOrders: meteredChains(membership.chains, meter),
    bus,
    logger,
    meter,
    rates,
    mailLifetimeS: options.mail?.lifetimeS ?? limits.mailLifetimeS,
    post,
  });
  const maxConnections = options.maxConnections ?? limits.maxConnections;
  const entrance = new Entrance({ clock, rates, maxConnections });
  const lines = new LineHall({ clock, connect: (wire) => new Connection(wire, switchboard), entrance });
  const heapRoom = new HeapRoom(clock, () => meter.mailTaken);
  const readiness = new Readiness({ clock, database, post, bus: options.bus === undefined ? null : bus });
  const http = await buildHttpServer({
    hall,
    chains: membership.chains,
    postsPerMinute: rates.postsPerMinute,
    lines,
    status: {
      meter,
      gauges: {
        connections: () => entrance.size,
        devices: () => switchboard.size,
        mailBytes: () => nodes.mailBytes(),
        busConnected: () => (options.bus === undefined ? null : bus.connected),
      },
      waitsFor: () => readiness.waitsFor(),
      metricsToken: options.metricsToken,
    },
    facts: {
      admission: [
        ...(options.admission === 'open' ? (['open', 'invitation'] as const) : (['invitation'] as const)),
        ...(membership.github ? (['github'] as const) : []),
      ],
      own: options.own ?? false,
      pushKey: push.publicKey,
    },
    github: membership.github && {
      signIn: membership.github,
      origins: () => origins,
      appOrigins: options.github?.appOrigins ?? [],
    },
    logger,
    appDir: options.appDir,
    trustProxy: options.trustProxy ?? false,
    isDraining: () => readiness.isDraining,
  });
  const sockets = new SocketServer({ switchboard, entrance, trustProxy: options.trustProxy ?? false });
  http.server.on('upgrade', (request, socket, head: Buffer) => {
    sockets.upgrade(request, socket, head);
  });
  const quiet = new QuietConnections(http.server);
  const stopParts = async (): Promise<void> => {
    lines.close();
    switchboard.close();
    heapRoom[Symbol.dispose]();
    entrance.close();
    push[Symbol.dispose]();
    await bus[Symbol.asyncDispose]();
    // What is durable and not written yet is written now, before the store closes.
    await post[Symbol.asyncDispose]();
    await nodes.close();
  };
  const port = await listen(http, options).catch(async (error: unknown) => {
    await sockets.drain(0);
    await http.close();
    await stopParts();
    throw error;
  });
  origins = ownOrigins(options, port);
  logger.info({ port, admission: options.admission }, 'relay listens');
  const sweeper = membership.sweep({
    connected: () => switchboard.connected(),
    onForgotten: (members) => switchboard.forgotten(members),
  });

  const shutDown = async (): Promise<void> => {
    // Whoever asks in the meantime is told; nobody new is let in.
    readiness.drain();
    lines.drain();
    await sockets.drain(options.drainMs ?? 0);
    http.server.close();
    quiet.end();
    hall.end();
    const cancel = clock.after(limits.closeWithinMs, () => {
      http.server.closeAllConnections();
    });
    await http.close();
    cancel();
    await sweeper[Symbol.asyncDispose]();
    await stopParts();
    await database.close();
    logger.info('relay stopped');
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= shutDown());
  return {
    port,
    url: origins[0] ?? '',
    admit: (device) => admission.admit(device),
    operator: new Operator(database, clock, {
      isConnected: (device) => switchboard.isConnected(device),
      expel: (device, code) => switchboard.expel(device, code),
      accountChanged: (account) => {
        switchboard.accountChanged(account);
      },
    }),
    connections: () => switchboard.size,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen(http: FastifyInstance, options: RelayOptions): Promise<number> {
  try {
    await http.listen({ host: options.host, port: options.port });
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw new RelayStartError(inUse ? 'port-in-use' : 'cannot-listen', 'the relay cannot listen', error);
  }
  const address = http.server.address();
  return typeof address === 'object' && address !== null ? address.port : options.port;
}
