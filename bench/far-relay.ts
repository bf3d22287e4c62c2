import { connect, createServer, type Socket } from 'node:net';

/** A way to a relay on this machine on which every byte takes its time, as over a network. */
export interface FarRelay extends AsyncDisposable {
  /** The port at which the relay is far away. */
  readonly port: number;
}

/** Listens on loopback, and carries what comes to `port` there; there and back takes `tripMs`. */
export async function farRelay(port: number, tripMs: number): Promise<FarRelay> {
  const open = new Set<Socket>();
  const later = (from: Socket, to: Socket): void => {
    open.add(from);
    from.on('data', (bytes) => setTimeout(() => to.write(bytes), tripMs / 2));
    from.on('end', () => setTimeout(() => to.end(), tripMs / 2));
    from.on('error', () => to.destroy());
    from.on('close', () => open.delete(from));
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port, noDelay: true });
    later(near, far);
    later(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const each of open) each.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
