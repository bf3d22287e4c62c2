/** The hostile relay while it is honest: the relay's own tests, with it between the relay and whoever asks. */
import { vi } from 'vitest';
import type { RelayOptions } from '../../packages/relay/src/options.ts';
import type { Relay } from '../../packages/relay/src/relay.ts';
import { HostileRelay } from '../lib/hostile/hostile-relay.ts';

vi.mock('../../packages/relay/src/relay.ts', async (importOriginal) => {
  const original = await importOriginal<{ startRelay: (options: RelayOptions) => Promise<Relay> }>();
  return {
    ...original,
    startRelay: async (options: RelayOptions): Promise<Relay> => {
      const between = await HostileRelay.start();
      const origins = options.origins.length > 0 ? options.origins : [between.url];
      const relay = await original.startRelay({ ...options, origins });
      between.target = relay.port;
      const close = async () => {
        await relay.close();
        await between.settled();
        await between[Symbol.asyncDispose]();
      };
      return { ...relay, port: between.port, url: relay.url, close, [Symbol.asyncDispose]: close };
    },
  };
});

await import('../../packages/relay/src/relay.abuse.test.ts');
await import('../../packages/relay/src/relay.auth.test.ts');
await import('../../packages/relay/src/relay.chain.test.ts');
await import('../../packages/relay/src/relay.forwarding.test.ts');
await import('../../packages/relay/src/relay.http.test.ts');
await import('../../packages/relay/src/relay.lines.test.ts');
await import('../../packages/relay/src/relay.mail.test.ts');
await import('../../packages/relay/src/relay.operate.test.ts');
await import('../../packages/relay/src/relay.push.test.ts');
await import('../../packages/relay-client/src/chain-client.node.test.ts');
await import('../../packages/relay-client/src/two-ways.node.test.ts');
