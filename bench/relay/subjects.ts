/** What is measured side by side: each subject as its server and what a message is to it. */
import { type BenchDevice, Fleet, newDevices } from './devices.ts';
import { Generator, type RunOptions } from './generator.ts';
import { type Built, type Server, startMosquitto, startNats, startNodeServer, startRelayServer } from './servers.ts';

export interface Subject {
  readonly name: string;
  start(built: Built, folder: string): Promise<Server>;
  /** How its messages differ from plain ones. */
  readonly message: Partial<RunOptions>;
}

/** Mail, as devices send their requests: kept until it is acked, for a minute at most. */
export const MAIL = { lifetimeS: 60 } as const;

export const ours: Subject = {
  name: 'ours',
  start: (built, folder) => startRelayServer(built, folder),
  message: MAIL,
};

export const natsServer: Subject = { name: 'nats', start: (_, folder) => startNats(folder, 'nats'), message: {} };
export const wsForwarder: Subject = { name: 'ws', start: ({ ws }) => startNodeServer(ws), message: {} };

/** In the order of the tables. */
export const subjects: readonly Subject[] = [
  ours,
  { ...ours, name: 'ours, live', message: {} },
  { name: 'by hand', start: ({ byHand }) => startNodeServer(byHand), message: {} },
  wsForwarder,
  natsServer,
  { name: 'nats-websocket', start: (_, folder) => startNats(folder, 'nats-websocket'), message: {} },
  { name: 'mosquitto', start: (_, folder) => startMosquitto(folder), message: {} },
];

/** A server with connections that can send. */
export interface Scene extends AsyncDisposable {
  readonly server: Server;
  readonly generator: Generator;
  /** Of Palmkey's relay. */
  readonly fleet: Fleet | undefined;
}

export interface SceneOptions {
  readonly connections: number;
  /** Further devices that have been connected, and are so no more. */
  readonly away?: number;
  /** Devices with what lets them in; else they are strangers to an open relay. */
  readonly devices?: readonly BenchDevice[];
}

/** Starts the server, and connects what is asked for. */
export async function openScene(
  subject: Pick<Subject, 'start'>,
  built: Built,
  folder: string,
  { connections, away = 0, devices = newDevices(connections + away) }: SceneOptions,
): Promise<Scene> {
  const server = await subject.start(built, folder);
  const generator = new Generator(built.generator, server.protocol, server.port);
  const scene = {
    server,
    generator,
    fleet: undefined,
    [Symbol.asyncDispose]: async () => {
      await generator[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
  try {
    if (server.protocol === 'palmkey') {
      const fleet = new Fleet(generator, devices, `http://127.0.0.1:${server.port}`);
      if (connections + away > 0) await fleet.enter(0, connections + away);
      for (let index = connections; index < connections + away; index += 1) generator.close(index);
      return { ...scene, fleet };
    }
    for (const [index, device] of devices.entries()) generator.identify(index, device.id);
    if (connections > 0) await generator.connect(0, connections);
    return scene;
  } catch (error) {
    await scene[Symbol.asyncDispose]();
    throw error;
  }
}
