/** Where everything of one installation stands: one folder, `PALMKEY_HOME`. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Paths {
  readonly home: string;
  readonly host: string;
  readonly device: string;
  readonly pairings: string;
  readonly replay: string;
  readonly log: string;
  readonly lock: string;
  readonly claims: string;
  readonly knownHostsCommand: string;
  readonly sshConfig: string;
  /** The folder of both sockets; under the temporary folder when `home` is too long for a socket's path. */
  readonly run: string;
  readonly agentSocket: string;
  readonly controlSocket: string;
  readonly relay: string;
  readonly relayDatabase: string;
  readonly try: string;
}

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, its final zero included. */
const longestSocketPath = 103;

/** All paths below a home folder. Makes nothing. */
export function paths(home: string): Paths {
  const host = join(home, 'host');
  const run = runFolder(home);
  return {
    home,
    host,
    device: join(host, 'device.json'),
    pairings: join(host, 'pairings.json'),
    replay: join(host, 'replay.log'),
    log: join(host, 'log.jsonl'),
    lock: join(host, 'daemon.pid'),
    claims: join(host, 'claims'),
    knownHostsCommand: join(host, 'known-hosts'),
    sshConfig: join(home, 'ssh_config'),
    run,
    agentSocket: join(run, 'agent.sock'),
    controlSocket: join(run, 'control.sock'),
    relay: join(home, 'relay'),
    relayDatabase: join(home, 'relay', 'relay.sqlite'),
    try: join(home, 'try'),
  };
}

function runFolder(home: string): string {
  const beside = join(home, 'run');
  if (Buffer.byteLength(join(beside, 'control.sock')) <= longestSocketPath) return beside;
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return join(tmpdir(), `palmkey-${process.getuid?.() ?? 0}-${name}`);
}
