/** Runs a relay with the command line's words for what keeps it from starting. */
import type { Relay, RelayOptions } from '@palmkey/relay';
import { CliError } from './cli-error.ts';
import { withoutPassword } from './voice/relay-check-words.ts';

/** Starts it. Throws CliError with a relay's start fault and what it is about. */
export async function runRelay(options: RelayOptions): Promise<Relay> {
  const { RelayStartError, startRelay } = await import('@palmkey/relay');
  try {
    return await startRelay(options);
  } catch (error) {
    if (!(error instanceof RelayStartError)) throw error;
    const { port, host: listen, store } = options;
    const path = withoutPassword(store);
    const bus = options.bus === undefined ? null : withoutPassword(options.bus);
    const detail = { port, listen, path, bus, app: options.appDir ?? null, url: options.origins.join(' ') };
    throw new CliError(error.code, detail, { cause: error });
  }
}
