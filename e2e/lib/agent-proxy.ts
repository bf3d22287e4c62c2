/** Somebody between `ssh` and its agent who spoils the proofs that pass: every session-bind gets another signature. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { AgentFrames, encodeAgentFrame, parseAgentRequest } from '@palmkey/core/ssh';
import { encodeBind } from './raw-agent.ts';

export interface AgentProxy extends AsyncDisposable {
  /** How many binds it spoiled. */
  spoiled(): number;
}

/** Listens at `path` and passes everything on to the agent at `target`, binds with one bit of their signature turned. */
export async function startSpoilingProxy(path: string, target: string): Promise<AgentProxy> {
  let count = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const agent = connect(target);
    const frames = new AgentFrames();
    client.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) agent.write(encodeAgentFrame(spoil(frame)));
    });
    agent.on('data', (chunk: Buffer) => client.write(chunk));
    for (const [one, other] of [
      [client, agent],
      [agent, client],
    ] as const) {
      open.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    spoiled: () => count,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };

  function spoil(frame: Uint8Array): Uint8Array {
    const request = parseAgentRequest(frame);
    if (request.kind !== 'session-bind') return frame;
    count += 1;
    const { bind } = request;
    return encodeBind({
      ...bind,
      signature: bind.signature.map((byte, at, all) => (at === all.length - 1 ? byte ^ 1 : byte)),
    });
  }
}
