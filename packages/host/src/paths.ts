/** Where everything of one installation stands: one folder, `PALMKEY_HOME`. */
import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Paths {
  readonly home: string;
  /** Which folders were made for it. */
  readonly homeFile: string;
  readonly host: string;
  readonly device: string;
  readonly pairings: string;
  /** The account that this computer is in: its chain, and the pin. */
  readonly account: string;
  readonly replay: string;
  /** Durable messages that no relay has confirmed yet. */
  readonly outbox: string;
  readonly log: string;
  readonly lock: string;
  readonly claims: string;
  /** Which agent stands behind ours. */
  readonly upstream: string;
  /** Which key is offered where. */
  readonly keyRules: string;
  /** Which keys worked where. */
  readonly servers: string;
  /** Where each key was used. */
  readonly keyUses: string;
  readonly knownHostsCommand: string;
  readonly sshConfig: string;
  /** The folder of both sockets; outside `home` when that is too long for a socket's path. */
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
    homeFile: join(home, 'home.json'),
    host,
    device: join(host, 'device.json'),
    pairings: join(host, 'pairings.json'),
    account: join(host, 'account.json'),
    replay: join(host, 'replay.log'),
    outbox: join(host, 'outbox.json'),
    log: join(host, 'log.jsonl'),
    lock: join(host, 'daemon.pid'),
    claims: join(host, 'claims'),
    upstream: join(host, 'upstream.json'),
    keyRules: join(host, 'keys.json'),
    servers: join(host, 'servers.json'),
    keyUses: join(host, 'key-uses.json'),
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
  const uid = process.getuid?.() ?? 0;
  const own = `/run/user/${uid}`;
  // Where the system keeps no folder for each user, the temporary one has to do: somebody else could take the name there
  // while no daemon runs, and ssh would ask them. The daemon does not start on such a folder.
  return isOwn(own, uid) ? join(own, `palmkey-${name}`) : join(tmpdir(), `palmkey-${uid}-${name}`);
}

function isOwn(folder: string, uid: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o022) === 0;
}
