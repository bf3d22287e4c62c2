/**
 * The same port on ::1. Browsers may take `localhost` for either loopback address: were ::1 left free, another person on
 * this computer could answer there in our name.
 */
import { connect, createServer, type Socket } from 'node:net';
import { CliError } from '../cli-error.ts';

/**
 * Carries connections from [::1]:port to 127.0.0.1:port. Returns undefined on a computer without IPv6.
 * Throws CliError `port-in-use` when another program is there.
 */
export async function alsoOnIpv6(port: number): Promise<AsyncDisposable | undefined> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port, noDelay: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  const fault = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen({ host: '::1', port, ipv6Only: true }, () => resolve(undefined));
  });
  if (fault?.code === 'EADDRINUSE') throw new CliError('port-in-use', { port, listen: '::1' }, { cause: fault });
  if (fault !== undefined) return undefined;
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
