/** What the doctor found, one line each, and below what is not well what to do. */
import type { Finding, FindingCode, Link, Verdict } from '@palmkey/host/doctor';
import { chainRefusal, movingWords } from './account-words.ts';
import type { Paint } from './paint.ts';
import { refusalWords } from './refusal-words.ts';
import { shellPath } from './shell-word.ts';
import { sayForRelay } from './problems/all.ts';
import { moment, span } from './times.ts';
import { visible } from './visible.ts';
import { table } from './table.ts';

export interface DoctorContext {
  readonly me: string;
  readonly userFolder: string;
  readonly now: number;
}

interface Words {
  readonly line: string;
  /** What to do; null where there is nothing. */
  readonly todo: string | null;
}

/** The facts of a finding as they may stand on a screen. */
interface Facts {
  text(name: string): string;
  path(name: string): string;
  number(name: string): number;
  has(name: string): boolean;
}

type Say = (facts: Facts, context: DoctorContext) => Words;

const ok = (line: string): Words => ({ line, todo: null });
const names: Record<Link, string> = {
  ssh: 'ssh',
  config: 'ssh config',
  script: 'server names',
  agent: 'agent',
  daemon: 'Palmkey',
  state: 'folder',
  relay: 'relay',
  clock: 'clock',
  account: 'account',
  phone: 'phone',
  git: 'git',
  push: 'push',
};
const signs: Record<Verdict, string> = { ok: 'ok', warning: 'warning', problem: 'problem' };

/** Aligned lines; what to do stands below its finding. */
export function doctorLines(found: readonly Finding[], context: DoctorContext, paint: Paint): string[] {
  const paints = { ok: paint.good, warning: paint.unusual, problem: paint.bad };
  const said = found.map((finding) => ({ ...finding, ...findingWords(finding, context) }));
  const rows = table(
    said.map(({ verdict, link, line }) => [paints[verdict](signs[verdict]), paint.quiet(names[link]), line]),
  );
  return rows.flatMap((row, index) => {
    const todo = said[index]?.todo ?? null;
    return todo === null ? [row] : [row, `           ${paint.quiet(todo)}`];
  });
}

/** The last line, where nothing is broken. */
export function doctorSummary(found: readonly Finding[]): string {
  const warnings = found.filter(({ verdict }) => verdict === 'warning').length;
  if (warnings === 0) return 'All is well.';
  return `Nothing is broken. ${warnings === 1 ? 'One thing' : `${warnings} things`} could be better.`;
}

/** The words for one finding. */
export function findingWords({ code, detail }: Finding, context: DoctorContext): Words {
  const value = (name: string) => detail[name] ?? '';
  const facts: Facts = {
    text: (name) => visible(String(value(name))),
    path: (name) => visible(shellPath(String(value(name)), context.userFolder)),
    number: (name) => Number(value(name)),
    has: (name) => detail[name] !== undefined && detail[name] !== null,
  };
  return says[code](facts, context);
}

const says: Record<FindingCode, Say> = {
  'ssh-fine': (f) => ok(f.text('version')),
  'ssh-unproved': (f) => ({
    line: `${f.text('version')} cannot prove to the phone which server asks`,
    todo: 'Logins work; the phone shows the name that this computer claims. OpenSSH 8.9 and later prove it',
  }),
  'ssh-too-old': (f, { me }) => ({
    line: `${f.text('version')} does not know KnownHostsCommand, and stops at our configuration`,
    todo: `Update OpenSSH to 8.9 or later, or take the configuration out: ${me} setup --undo`,
  }),
  'ssh-missing': (f) => ({
    line: f.has('version') ? `${f.text('version')} is no OpenSSH` : 'there is no ssh program here',
    todo: 'Install the OpenSSH client',
  }),

  'config-fine': () => ok('ssh asks this agent and tells it the server’s name'),
  'config-missing': (_, { me }) => ({ line: 'ssh is not set up to ask your phone', todo: `${me} setup does it` }),
  'config-changed': (f, { me }) => ({
    line: `${f.path('path')} is not as Palmkey writes it`,
    todo: `${me} setup writes it anew`,
  }),
  'config-other-home': (f, { me }) => ({
    line: `${f.path('path')} leads ssh to the agent of another folder, ${f.path('found')}`,
    todo: `If this one was moved here: ${me} setup sets it right`,
  }),
  'include-missing': (f, { me }) => ({ line: `${f.path('path')} does not include ours`, todo: `${me} setup adds it` }),
  'include-other-home': (f, { me }) => ({
    line: `${f.path('path')} includes the configuration of another folder, ${f.path('found')}${f.number('exists') === 1 ? '' : ', which is not there'}`,
    todo: `If this one was moved here: ${me} setup sets it right`,
  }),
  'include-broken': (f, { me }) => ({
    line: `half of what Palmkey had added to ${f.path('path')} is gone`,
    todo: `Remove the lonely line “palmkey” there by hand, then ${me} setup`,
  }),
  'include-inside-block': (f, { me }) => ({
    line: `our Include in ${f.path('path')}, line ${f.number('line')}, stands in the block for ${f.text('hosts')}, and holds for it alone`,
    todo: `${me} setup puts it right`,
  }),
  'config-newer': (f) => ({ line: `${f.path('path')} was written by a newer Palmkey`, todo: 'Update this one' }),
  'config-overridden': (f, { me }) => ({
    line: f.has('line')
      ? `${f.text('keyword')} in ${f.path('path')}, line ${f.number('line')}, comes before ours for every host`
      : `ssh would ask ${f.has('found') ? f.path('found') : 'no agent'} instead of this one`,
    todo: `${me} setup puts ours first`,
  }),
  'config-host-overrides': (f) => ({
    line: `${f.text('keyword')} in ${f.path('path')}, line ${f.number('line')}, holds for ${f.text('hosts')} instead of ours`,
    todo: 'Those hosts do not ask your phone. Remove the line if they should',
  }),
  'config-not-read': (f) => ({
    line: `HOME names another folder than your account: ssh does not read ${f.path('path')}`,
    todo: `It reads ${f.path('found')}. Start Palmkey and setup with the HOME of the account`,
  }),

  'script-fine': () => ok('the script that tells them is as written'),
  'script-missing': (f, { me }) => ({
    line: `${f.path('path')} is missing: ssh ends every connection that should run it`,
    todo: `${me} up writes it`,
  }),
  'script-changed': (f, { me }) => ({
    line: `${f.path('path')} is not as Palmkey wrote it`,
    todo: `Look at it, then restart ${me} up, which writes it anew`,
  }),
  'script-not-executable': (f) => ({
    line: `${f.path('path')} cannot be run: ssh ends every connection that should run it`,
    todo: `chmod 700 ${f.path('path')}`,
  }),

  'agent-fine': (f) => ok(`answers with ${f.number('keys') === 1 ? 'one key' : `${f.number('keys')} keys`}`),
  'agent-locked': () => ({ line: 'is locked: it offers no keys', todo: 'ssh-add -X unlocks it' }),
  'agent-silent': (f, { me }) => ({ line: `nobody answers at ${f.path('path')}`, todo: `${me} up starts it` }),
  'agent-no-agent': (f, { me }) => ({
    line: `what stands at ${f.path('path')} is not our agent`,
    todo: `End the program behind it or move it away, then start ${me} up`,
  }),
  'agent-open-to-others': (f) => ({
    line: `others could open ${f.path('path')} (mode ${f.text('mode')})`,
    todo: `chmod go-rwx ${f.path('path')}`,
  }),

  'daemon-fine': (f) => ok(`runs, version ${f.text('version')}, process ${f.number('pid')}`),
  'daemon-not-running': (_, { me }) => ({ line: 'does not run', todo: `Start it with ${me} up` }),
  'daemon-locked': (_, { me }) => ({
    line: 'its keys are locked by the passphrase, so nobody is asked',
    todo: `${me} unlock`,
  }),
  'daemon-other-version': (f, { me }) => ({
    line: `runs with version ${f.text('found')}; this is ${f.text('version')}`,
    todo: `Restart it: Ctrl-C where it runs and ${me} up again, or systemctl --user restart palmkey`,
  }),
  'daemon-silent': (_, { me }) => ({
    line: 'runs, but does not answer',
    todo: `Stop it and start it again with ${me} up`,
  }),

  'state-fine': (f) => ok(`${f.path('path')} is private and can be written`),
  'state-none': (f, { me }) => ({ line: `${f.path('path')} is not there yet`, todo: `${me} up makes it` }),
  'state-open-to-others': (f) => ({
    line: `others could open ${f.path('path')} (mode ${f.text('found')})`,
    todo: `If nobody else has used it: chmod -R go-rwx ${f.path('path')}`,
  }),
  'state-not-writable': (f) => ({
    line: `${f.path('path')} cannot be written`,
    todo: 'Check who owns it, and its disk',
  }),
  'state-broken': (f, { me }) => ({
    line: `${f.path('path')} is damaged`,
    todo: `Restore it from a backup, or move it away, start again and pair anew with ${me} pair`,
  }),
  'state-newer': (f) => ({ line: `${f.path('path')} was written by a newer Palmkey`, todo: 'Update this one' }),
  'disk-low': (f) => ({ line: `${mebibytes(f)} are left on the disk of ${f.path('path')}`, todo: 'Free some space' }),
  'disk-full': (f) => ({
    line: `the disk of ${f.path('path')} is full`,
    todo: 'Free some space: what cannot be written down is not signed',
  }),

  'relay-fine': (f) =>
    ok(
      `${f.text('url')} answers in ${f.number('tookMs')} ms${f.has('admitted') ? ', and has let this computer in' : ''}`,
    ),
  'relay-unknown': (_, { me }) => ({
    line: 'none is known before Palmkey runs',
    todo: `Start it with ${me} up, then look again`,
  }),
  'relay-unreachable': (f) => ({
    line: `cannot reach ${f.text('url')}: ${reason(f.text('cause'))}`,
    todo: 'Is it running, and is the network up? This computer keeps trying',
  }),
  'relay-certificate': (f) => ({
    line: `the certificate of ${f.text('url')} is not good: ${f.text('cause')}`,
    todo: 'Whoever runs the relay has to renew or install it. Check this computer’s clock too',
  }),
  'relay-not-a-relay': (f) => ({
    line: `${f.text('url')} does not answer as a relay (status ${f.number('status')})`,
    todo: 'Check the address, and any proxy in front of it',
  }),
  'relay-no-websocket': (f) => ({
    line: `${f.text('url')} answers, but opens no WebSocket`,
    todo: 'A proxy between has to let WebSockets through',
  }),
  'relay-refuses': (f) => ({
    line: `${f.text('url')} refuses this computer: ${relayProblem(f).problem}`,
    todo: relayProblem(f).todo,
  }),
  'relay-not-connected': (f) => ({
    line: `${f.text('url')} answers, but Palmkey is not connected to it${f.has('problem') ? `: ${relayProblem(f).problem}` : ''}`,
    todo: 'It keeps trying. Look again in a minute',
  }),

  'clock-fine': () => ok('agrees with the relay’s'),
  'clock-off': (f) => ({ line: skew(f), todo: 'Set it by the network: beyond 15 minutes nothing is signed' }),
  'clock-wrong': (f) => ({ line: skew(f), todo: 'Set it by the network: phones refuse what is sent at a wrong time' }),

  'account-fine': (f) => ok(`${f.text('id')}, ${f.number('active')} devices, as its relay shows it`),
  'account-none': () => ok('this computer is in none'),
  'account-unchecked': (f) => ({
    line: `${f.text('id')} is not checked: ${f.text('url')} has not told its state`,
    todo: 'Until it has, nothing is asked or decided with phones of the account',
  }),
  'account-moving': (f, { me }) => ({
    line: `${f.text('id')} has moved to ${f.text('to')}, ${movingWords(f.has('problem') ? f.text('problem') : null)}`,
    todo: `It stays at ${f.text('url')} and tries again. By hand: ${me} account move ${f.text('to')}`,
  }),
  'account-refused': (f, { me }) => ({
    line: chainRefusal(f.text('code')),
    todo: `Nothing is asked or decided. ${me} account says what to do`,
  }),
  'account-removed': (f, { me }) => ({
    line: f.has('by') ? `this computer was taken out of it by ${f.text('by')}` : 'this computer has left it',
    todo: `Start Palmkey again, then ${me} pair: it begins anew with new keys`,
  }),

  'phone-fine': (f) => ok(`${f.text('name')} answers in ${f.number('tookMs')} ms${software(f)}`),
  'phone-none': (_, { me }) => ({ line: 'none is paired', todo: `${me} pair brings one` }),
  'phone-away': (f, { now }) => ({
    line: `${f.text('name')} is not connected${f.has('lastSeenAt') ? `, last seen ${moment(f.number('lastSeenAt'), now)}` : ''}`,
    todo: 'Open the app on it',
  }),
  'phone-silent': (f) => ({
    line: `${f.text('name')} was there, and does not answer${software(f)}`,
    todo: 'Open the app on it, or reload it',
  }),
  'phone-refuses': (f) => ({
    line: `${f.text('name')} refuses: ${refusalWords(f.text('code'), f.has('skewMs') ? f.number('skewMs') : null)}`,
    todo: 'It refuses logins for the same reason',
  }),
  'phone-newer': (f) => ({
    line: `${f.text('name')} runs a newer Palmkey than this computer${software(f)}`,
    todo: 'Update this one',
  }),
  'phone-older': (f) => ({
    line: `${f.text('name')} runs an older Palmkey than this computer${software(f)}`,
    todo: 'Close the app there and open it again',
  }),
  'phone-alone': (f, { me }) => ({
    line: `all keys are on ${f.text('name')}, and go with it`,
    todo: `Have a second way into every server: another phone (${me} pair), a key file, a console`,
  }),
  'phone-no-key': (f) => ({ line: `${f.text('name')} has no key`, todo: 'Make one in the app' }),

  'git-on': () => ok('asks the phone for its signatures'),
  'git-off': () => ok('does not ask the phone'),
  'git-none': () => ok('is not installed'),
  'git-program-gone': (f, { me }) => ({
    line: `is to sign with ${f.path('program')}, which is not there`,
    todo: `${me} git setup sets it right`,
  }),

  'push-fine': (f) => ok(`phones that are away are woken through ${f.text('url')}`),
  'push-none': (f) => ok(`${f.text('url')} wakes nobody: the app has to be open on the phone to be asked`),
  'push-unknown': () => ok('not known before a relay answers'),
  'push-handed': (f, { now }) => ok(`${f.text('name')} was last pushed to ${moment(f.number('at'), now)}`),
  'push-not-set-up': (f) => ({
    line: `${f.text('name')} has no push set up: it is asked only while the app is open`,
    todo: 'Turn notifications on in the app there',
  }),
  'push-refused': (f, { now }) => ({
    line: `the push service refused to wake ${f.text('name')} (${moment(f.number('at'), now)})`,
    todo: 'Turn notifications off and on again in the app there',
  }),
  'push-unreachable': (f, { now }) => ({
    line: `the push service of ${f.text('name')} could not be reached (${moment(f.number('at'), now)})`,
    todo: 'Can the relay reach the internet? Its log says more',
  }),
  unchecked: (f) => ({ line: `could not be looked at: ${reason(f.text('cause'))}`, todo: 'Try again' }),
};

function skew(f: Facts): string {
  const ms = f.number('skewMs');
  return `this computer’s clock is ${span(ms)} ${ms > 0 ? 'ahead of' : 'behind'} the relay’s`;
}

function software(f: Facts): string {
  return f.has('software') ? ` (${f.text('software')})` : '';
}

function mebibytes(f: Facts): string {
  return `${Math.floor(f.number('free') / (1024 * 1024))} MiB`;
}

function relayProblem(f: Facts): { problem: string; todo: string } {
  const { problem, todo } = sayForRelay(f.text('problem'))?.({}, '') ?? {
    problem: f.text('problem'),
    todo: 'Its log says more',
  };
  return { problem, todo };
}

function reason(code: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name is not known';
    case 'timed out':
      return 'no answer in time';
    case 'EACCES':
      return 'not allowed';
    default:
      return code;
  }
}
