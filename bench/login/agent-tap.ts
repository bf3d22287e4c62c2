/** A tap on an agent's socket: forwards byte for byte, and notes when a signature was asked for and when it came. */
import { connect, createServer, type Socket } from 'node:net';

/** Agent protocol (draft-ietf-sshm-ssh-agent §4): the types that are noted. */
const signRequest = 13;
const signResponse = 14;

export interface Signing {
  /** `performance.now()` of this process. */
  readonly askedAt: number;
  readonly signedAt: number;
}

export interface AgentTap extends AsyncDisposable {
  readonly socket: string;
  /** What was signed since the last call. */
  take(): Signing[];
}

/** Listens at `socket` and forwards to the agent at `target`. */
export async function tapAgent(socket: string, target: string): Promise<AgentTap> {
  const signings: Signing[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const agent = connect(target);
    const asked: number[] = [];
    const note = (type: number) => {
      if (type === signRequest) asked.push(performance.now());
      const askedAt = type === signResponse ? asked.shift() : undefined;
      if (askedAt !== undefined) signings.push({ askedAt, signedAt: performance.now() });
    };
    join(client, agent, note, open);
    join(agent, client, note, open);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    take: () => signings.splice(0),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const each of open) each.destroy();
      }),
  };
}

/** One direction; `onType` hears the type of each message (u32 length ‖ u8 type ‖ …) as soon as it is whole. */
function join(from: Socket, to: Socket, onType: (type: number) => void, open: Set<Socket>): void {
  let rest = Buffer.alloc(0);
  open.add(from);
  from.on('data', (chunk: Buffer) => {
    to.write(chunk);
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 4 + rest.readUInt32BE(0)) {
      onType(rest.readUInt8(4));
      rest = rest.subarray(4 + rest.readUInt32BE(0));
    }
  });
  from.on('error', () => from.destroy());
  from.on('close', () => {
    open.delete(from);
    to.destroy();
  });
}
