/** All checks at once, each within its time. Changes nothing. */
import { ControlClient } from '../control/client.ts';
import { ControlError } from '../control/control-error.ts';
import type { Paths } from '../paths.ts';
import { PairingStore } from '../state/pairing-store.ts';
import { checkAccount } from './check-account.ts';
import { checkAgent, checkScript } from './check-agent.ts';
import { checkGit } from './check-git.ts';
import { checkDaemon, checkPhones } from './check-phones.ts';
import { checkPhonePush, checkRelayPush } from './check-push.ts';
import { checkRelay } from './check-relay.ts';
import { checkSshConfig, checkSshVersion } from './check-ssh-config.ts';
import { checkState } from './check-state.ts';
import { type Finding, finding, type Link, links } from './finding.ts';

/** A ping takes at most five seconds, a relay twice four. */
const withinMs = 10_000;
/** A daemon that runs answers at once, but for half a second in which it asks who is there. */
const daemonWithinMs = 3_000;

export interface ExamineOptions {
  readonly paths: Paths;
  /** The person's home folder. */
  readonly userHome: string;
  readonly version: string;
  readonly now: () => number;
}

/** What every link of the way is like, in the order of the way. Never rejects, and takes at most ten seconds. */
export async function examine(options: ExamineOptions): Promise<Finding[]> {
  const { paths, userHome } = options;
  const daemon = withDaemon(options);
  const found = await Promise.all([
    bounded('ssh', () => checkSshVersion()),
    bounded('config', () => checkSshConfig(paths, userHome)),
    bounded('script', () => checkScript(paths)),
    bounded('agent', () => checkAgent(paths)),
    bounded('state', () => checkState(paths)),
    daemon,
    bounded('git', () => checkGit(paths.home)),
  ]);
  const all = found.flat();
  if (!all.some(({ link }) => link === 'push')) all.push(finding('push', 'push-unknown'));
  return all.sort((a, b) => links.indexOf(a.link) - links.indexOf(b.link));
}

/** What needs the daemon's facts: itself, its relays, its phones. */
async function withDaemon(options: ExamineOptions): Promise<Finding[]> {
  const { paths, version, now } = options;
  let control: ControlClient | undefined;
  try {
    control = await ControlClient.connect(paths.controlSocket);
    const asked = control.call('status', {});
    const status = await within(daemonWithinMs, asked);
    if (status === undefined) return [finding('daemon', 'daemon-silent', { path: paths.controlSocket })];
    // It reaches nobody before it is unlocked, so of the rest it knows nothing.
    if (status.deviceKeys === 'locked') {
      const relays = await storedRelays(options);
      return [...checkDaemon(status, version), ...relays.filter(({ code }) => code !== 'relay-unknown')];
    }
    const open = control;
    const found = await Promise.all([
      Promise.resolve(checkDaemon(status, version)),
      ...status.relays.map((line) => bounded('relay', () => checkRelay({ url: line.url, line, now }))),
      ...status.relays.map(({ url }) => bounded('push', () => checkRelayPush(url))),
      Promise.resolve(checkAccount(status.account)),
      bounded('phone', () => checkPhones(open, status.phones)),
      Promise.resolve(checkPhonePush(status.phones)),
    ]);
    return found.flat();
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return [
      finding('daemon', error.code === 'not-running' ? 'daemon-not-running' : 'daemon-silent', {
        path: paths.controlSocket,
      }),
      ...(await storedRelays(options)),
    ];
  } finally {
    control?.close();
  }
}

/** Without a daemon: the relays of the pairings. */
async function storedRelays({ paths, now }: ExamineOptions): Promise<Finding[]> {
  let relays: string[];
  try {
    relays = [...new Set(new PairingStore(paths.pairings).list().map(({ relay }) => relay))];
  } catch {
    relays = [];
  }
  if (relays.length === 0) return [finding('relay', 'relay-unknown')];
  const found = await Promise.all(relays.map((url) => bounded('relay', () => checkRelay({ url, line: null, now }))));
  return found.flat();
}

async function bounded(link: Link, check: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    const done = await within(withinMs, Promise.resolve().then(check));
    return done ?? [finding(link, 'unchecked', { cause: 'it took too long' })];
  } catch (error) {
    const cause = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
    return [finding(link, 'unchecked', { cause })];
  }
}

/** Undefined when it takes longer. */
function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
