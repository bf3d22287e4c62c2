/** A small SSH server on loopback that accepts the paired keys, so that a first login needs no server of one's own. */
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection, type PublicKeyAuthContext, type Session } from 'ssh2';
import type { KeyFact } from '@palmkey/host/control';
import { keyName } from '../voice/picture.ts';
import { tryWords } from '../voice/try-words.ts';
import { hostKey, type HostKeyMaker, tryFiles, writeSshConfig, type TryConfig } from './try-files.ts';
import { answerCommand, TryShell, type ShellChannel } from './try-shell.ts';

export interface TryServerOptions extends Omit<TryConfig, 'port'> {
  /** Its folder, `<home>/try`. */
  readonly folder: string;
  /** The port to take; when it is taken, one of the ten above, else any. */
  readonly port: number;
  /** The keys that open it, asked at each login. */
  readonly keys: () => readonly KeyFact[];
}

export interface TryServer extends AsyncDisposable {
  readonly port: number;
  /** The configuration for `ssh -F`. */
  readonly sshConfig: string;
  close(): Promise<void>;
}

const keyMaker: HostKeyMaker = {
  make: () => ssh2.utils.generateKeyPairSync('ed25519', { comment: 'palmkey-try' }).private,
  isKey: (text) => !(ssh2.utils.parseKey(text) instanceof Error),
};

/** As sshd's LoginGraceTime. */
const loginGraceMs = 120_000;
const idleMs = 10 * 60_000;
const maxConnections = 64;

/** Starts it on 127.0.0.1 and writes its files. Throws CliError `try-path`, or what the file system threw. */
export async function startTryServer(options: TryServerOptions): Promise<TryServer> {
  const files = tryFiles(options.folder);
  const key = await hostKey(files, keyMaker);
  const open = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [key], ident: 'Palmkey_try' }, (connection) => {
    if (open.size >= maxConnections) return void connection.end();
    open.add(connection);
    connection.on('close', () => open.delete(connection));
    // A client that breaks the protocol or leaves is no event here: ssh2 has ended its connection already.
    connection.on('error', () => undefined);
    welcome(connection, options.keys);
  });
  const port = await listen(server, options.port);
  try {
    await writeSshConfig(files, { ...options, port });
  } catch (error) {
    server.close();
    throw error;
  }
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const connection of open) connection.end();
    });
  return { port, sshConfig: files.sshConfig, close, [Symbol.asyncDispose]: close };
}

function welcome(connection: Connection, keys: () => readonly KeyFact[]): void {
  let used: KeyFact | undefined;
  const grace = setTimeout(() => connection.end(), loginGraceMs).unref();
  connection.on('close', () => clearTimeout(grace));
  connection.on('authentication', (context) => {
    if (context.method !== 'publickey') return context.reject(['publickey']);
    const key = keys().find((candidate) => isKey(candidate, context));
    if (key === undefined) return context.reject(['publickey']);
    // Without a signature the client only asks whether the key would do (RFC 4252 §7).
    if (context.signature === undefined) return context.accept();
    if (!isSignedBy(key, context)) return context.reject(['publickey']);
    used = key;
    context.accept();
  });
  connection.on('ready', () => {
    clearTimeout(grace);
    let idle = setTimeout(() => connection.end(), idleMs).unref();
    const busy = () => {
      clearTimeout(idle);
      idle = setTimeout(() => connection.end(), idleMs).unref();
    };
    connection.on('close', () => clearTimeout(idle));
    connection.on('session', (accept) => serve(accept(), used, busy));
  });
}

function serve(session: Session, key: KeyFact | undefined, busy: () => void): void {
  let pty = false;
  // A client that wants no reply leaves the callback undefined, against the types.
  session.on('pty', (accept: (() => void) | undefined) => {
    pty = true;
    accept?.();
  });
  session.on('window-change', (accept: (() => void) | undefined) => accept?.());
  session.on('exec', (accept, _reject, { command }) => answerCommand(command, channelOf(accept())));
  session.on('shell', (accept) => {
    const stream = accept();
    const lines = tryWords.welcome(key === undefined ? '' : keyName(key), key?.phone ?? '');
    const shell = new TryShell(channelOf(stream), lines, pty);
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      busy();
      shell.type(text);
    });
    stream.on('end', () => shell.end());
  });
}

function channelOf(stream: ssh2.ServerChannel): ShellChannel {
  let ended = false;
  return {
    write: (text) => {
      if (!ended) stream.write(text);
    },
    exit: (status) => {
      if (ended) return;
      ended = true;
      stream.exit(status);
      stream.end();
    },
  };
}

function isKey(key: KeyFact, context: PublicKeyAuthContext): boolean {
  return context.key.algo === key.type && context.key.data.equals(blobOf(key));
}

function isSignedBy(key: KeyFact, context: PublicKeyAuthContext): boolean {
  if (context.blob === undefined || context.signature === undefined) return false;
  const parsed = ssh2.utils.parseKey(key.line);
  return !(parsed instanceof Error) && parsed.verify(context.blob, context.signature, context.hashAlgo);
}

/** The second word of an authorized_keys line. */
function blobOf(key: KeyFact): Buffer {
  return Buffer.from(key.line.split(' ')[1] ?? '', 'base64');
}

async function listen(server: ssh2.Server, wanted: number): Promise<number> {
  const candidates =
    wanted === 0 ? [] : Array.from({ length: 10 }, (_, step) => wanted + step).filter((port) => port < 65_536);
  for (const port of [...candidates, 0]) {
    const bound = await new Promise<number | undefined>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error);
      server.once('error', failed);
      server.listen(port, '127.0.0.1', () => {
        server.removeListener('error', failed);
        resolve((server.address() as AddressInfo).port);
      });
    });
    if (bound !== undefined) return bound;
  }
  throw new Error('no free port on loopback');
}
