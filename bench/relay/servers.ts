/** The servers of the bench, each started alone on the server's core. */
import { build } from 'esbuild';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from '../../e2e/lib/child.ts';
import { freePort } from '../../e2e/lib/temp.ts';
import { compileGenerator, type Protocol, SERVER_CORE } from './generator.ts';

/** Programs that were built for this run. */
export interface Built {
  readonly generator: string;
  readonly relay: string;
  readonly ws: string;
  readonly byHand: string;
}

/** One that runs. */
export interface Server extends AsyncDisposable {
  readonly port: number;
  readonly protocol: Protocol;
  /** Whose processor time counts. */
  readonly pids: readonly number[];
  readonly child: Child;
}

/** Compiles the generator and bundles the servers, so that no loader of TypeScript is measured. */
export async function buildAll(): Promise<Built> {
  // Below the project: the relay's store is a package with a binary, found from where the bundle stands.
  const folder = fileURLToPath(new URL('../../.cache/bench-relay/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const bundle = async (name: string): Promise<string> => {
    const outfile = join(folder, `${name}.mjs`);
    await build({
      entryPoints: [fileURLToPath(new URL(`servers/${name}.ts`, import.meta.url))],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      logLevel: 'warning',
      external: ['@photostructure/sqlite', '*.node'],
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;",
      },
    });
    return outfile;
  };
  return {
    generator: compileGenerator(folder),
    relay: await bundle('relay'),
    ws: await bundle('ws-forwarder'),
    byHand: await bundle('by-hand'),
  };
}

/** What deploy/ sets for the relay; the same for all, so that none has an advantage by it. */
const env = { MALLOC_ARENA_MAX: '2' };

/** Starts on the server's core what it is told; waits until the port answers. */
async function start(protocol: Protocol, port: number, command: string, args: readonly string[]): Promise<Server> {
  const child = new Child('taskset', ['-c', SERVER_CORE, command, ...args], { env });
  for (let left = 200; !(await answers(port)); left -= 1) {
    if (left === 0 || child.exitCode !== null) {
      await child[Symbol.asyncDispose]();
      throw new Error(`${command} does not listen: ${child.output}`);
    }
    await wait(25);
  }
  return { port, protocol, pids: [child.pid], child, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Options of the relay as servers/relay.ts takes them, and of Node. */
export interface RelayStart {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly node?: readonly string[];
}

/** Palmkey's relay with its store in a folder. */
export async function startRelayServer(
  built: Built,
  folder: string,
  { options = {}, node = [] }: RelayStart = {},
): Promise<Server> {
  const port = await freePort();
  const all = { port, store: join(folder, `relay-${port}.db`), ...options };
  return start('palmkey', port, process.execPath, [...node, built.relay, JSON.stringify(all)]);
}

export async function startNodeServer(program: string, node: readonly string[] = []): Promise<Server> {
  const port = await freePort();
  return start('forwarder', port, process.execPath, [...node, program, String(port)]);
}

/** Debian's `nats-server`, spoken to in its own protocol or through its WebSocket listener. */
export async function startNats(folder: string, protocol: 'nats' | 'nats-websocket'): Promise<Server> {
  const port = await freePort();
  const file = join(folder, `nats-${port}.conf`);
  const ports =
    protocol === 'nats'
      ? `port: ${port}`
      : `port: ${port + 1}\nwebsocket { host: 127.0.0.1, port: ${port}, no_tls: true, compression: false }`;
  writeFileSync(file, `host: 127.0.0.1\n${ports}\n`);
  return start(protocol, port, 'nats-server', ['-c', file]);
}

/** Debian's `mosquitto`. */
export async function startMosquitto(folder: string): Promise<Server> {
  const port = await freePort();
  const file = join(folder, `mosquitto-${port}.conf`);
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence false', 'set_tcp_nodelay true'];
  writeFileSync(file, `${lines.join('\n')}\nlog_type error\nmax_queued_messages 0\n`);
  return start('mqtt', port, 'mosquitto', ['-c', file]);
}
