/** What tells the system to start Palmkey when the person logs in: a systemd user unit, or a launchd agent. */
import { dirname, isAbsolute, join } from 'node:path';

/** What is to be started. */
export interface ServicePlan {
  /** Absolute path of Node. */
  readonly node: string;
  /** Absolute path of the `palmkey` program. */
  readonly program: string;
  /** What follows it, `up --service` and its options. */
  readonly args: readonly string[];
  /** PALMKEY_HOME. */
  readonly home: string;
}

/** Of what is kept in the file besides: the outermost folder that was made for it. */
export interface ServiceMemory {
  readonly made: string | null;
}

/** The two systems' ways. */
export type ServiceManager = 'systemd' | 'launchd';

export const unitName = 'palmkey.service';
export const agentLabel = 'palmkey.daemon';

const marker = 'Palmkey: made by palmkey service install; palmkey service uninstall takes it away.';

export interface ServicePlace {
  readonly userHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where the file stands (systemd.unit(5), XDG Base Directory Specification; launchd.plist(5)). */
export function serviceFile(manager: ServiceManager, { userHome, env }: ServicePlace): string {
  if (manager === 'launchd') return join(userHome, 'Library', 'LaunchAgents', `${agentLabel}.plist`);
  const config = env.XDG_CONFIG_HOME;
  const base = config !== undefined && isAbsolute(config) ? config : join(userHome, '.config');
  return join(base, 'systemd', 'user', unitName);
}

export function serviceText(manager: ServiceManager, plan: ServicePlan, memory: ServiceMemory): string {
  return manager === 'systemd' ? systemdUnit(plan, memory) : launchdAgent(plan, memory);
}

/** Whether a file is one that {@link serviceText} made. */
export function isServiceText(text: string): boolean {
  return text.startsWith(`# ${marker}\n`) || text.includes(`<!-- ${marker} -->`);
}

/** What {@link serviceText} kept. */
export function serviceMemory(text: string): ServiceMemory {
  const unit = /^\[X-Palmkey\]\nMade=(.+)$/m.exec(text)?.[1];
  const agent = /<key>PalmkeyMade<\/key>\s*<string>([^<]*)<\/string>/.exec(text)?.[1];
  return { made: unit ?? (agent === undefined ? null : unescaped(agent)) };
}

/**
 * A unit for `systemctl --user`. It sees the real /tmp, where ssh's agent sockets of other tools stand. A fault of the
 * command line, of the set-up or of permissions (exit codes 2, 3, 6) is not tried again.
 */
function systemdUnit({ node, program, args, home }: ServicePlan, { made }: ServiceMemory): string {
  return `# ${marker}
[Unit]
Description=Palmkey: ssh asks your phone
Documentation=man:palmkey(1)
After=network.target

[Service]
Type=exec
Environment=${unitWord(`PALMKEY_HOME=${home}`, false)}
ExecStart=${[node, program, ...args].map((word) => unitWord(word, true)).join(' ')}
Restart=on-failure
RestartSec=2
RestartPreventExitStatus=2 3 6
TimeoutStopSec=15
UMask=0077
NoNewPrivileges=yes
PrivateTmp=no
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
${made === null ? '' : `\n[X-Palmkey]\nMade=${made}\n`}`;
}

/** One word as systemd.syntax(7) and systemd.service(5) read it back: `%` and, in a command, `$` stand for more. */
function unitWord(word: string, command: boolean): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('%', '%%');
  return `"${command ? escaped.replaceAll('$', '$$$$') : escaped}"`;
}

/** An agent for launchd; what it prints goes to a file in the home folder. */
function launchdAgent({ node, program, args, home }: ServicePlan, { made }: ServiceMemory): string {
  const log = escaped(serviceLog(home));
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${marker} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${agentLabel}</string>
  <key>ProgramArguments</key>
  <array>
${[node, program, ...args].map((word) => `    <string>${escaped(word)}</string>\n`).join('')}  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PALMKEY_HOME</key>
    <string>${escaped(home)}</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${log}</string>
  <key>StandardErrorPath</key>
  <string>${log}</string>
${made === null ? '' : `  <key>PalmkeyMade</key>\n  <string>${escaped(made)}</string>\n`}</dict>
</plist>
`;
}

/** Where launchd puts what the service prints; systemd keeps it in the journal. */
export function serviceLog(home: string): string {
  return join(home, 'service.log');
}

/** The folder that systemd links enabled units into. */
export function wantsLink(file: string): string {
  return join(dirname(file), 'default.target.wants', unitName);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
