/** The socket by which a running relay is operated (relay/operator-access.ts is its other end). */
import type { Relay, RelayOptions } from '@palmkey/relay';
import { ControlServer, isServed } from '@palmkey/relay/control';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { runRelay } from '../relay-runner.ts';

/** Starts a relay that can be operated. Throws CliError with its start fault, or `store-in-use`. */
export async function runOperatedRelay(options: RelayOptions, socket: string, cli: Cli): Promise<Relay> {
  // Two relays on one SQLite store would each believe that all devices are theirs.
  if (await isServed(socket)) throw new CliError('store-in-use', { path: options.store });
  const { operatorDesk } = await import('@palmkey/relay');
  const relay = await runRelay(options);
  try {
    const startedAt = cli.now();
    await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
    const desk = operatorDesk(relay.operator, () => ({
      version: cli.version,
      pid: process.pid,
      startedAt,
      url: relay.url,
      devices: relay.connections(),
      cluster: options.bus !== undefined,
    }));
    const control = await ControlServer.listen(socket, desk, options.logger);
    const close = async () => {
      await control[Symbol.asyncDispose]();
      await relay.close();
    };
    return { ...relay, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await relay.close();
    throw error;
  }
}
