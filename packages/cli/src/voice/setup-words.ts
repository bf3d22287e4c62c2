/** What setup did, or would do. */
import type { SetupReport, SetupWarning, SshFacts, UpstreamSetting } from '@palmkey/host/setup';
import type { Paint } from './paint.ts';
import { shellPath } from './shell-word.ts';
import { visible } from './visible.ts';

export interface SetupStory {
  readonly report: SetupReport;
  readonly ssh: SshFacts;
  readonly undo: boolean;
  readonly dryRun: boolean;
  readonly userFolder: string;
  readonly me: string;
}

export function setupLines(story: SetupStory, paint: Paint): string[] {
  const { report, undo, dryRun, userFolder } = story;
  const path = (text: string) => visible(shellPath(text, userFolder));
  const lines: string[] = [];
  if (report.changed.length === 0)
    lines.push(undo ? 'Nothing of Palmkey’s is in ssh’s configuration.' : 'ssh is set up already.');
  const verb = undo ? (dryRun ? 'Would take Palmkey out of' : 'Took Palmkey out of') : dryRun ? 'Would write' : 'Wrote';
  for (const file of report.changed) lines.push(`${verb} ${path(file)}`);
  if (report.backup !== null) lines.push(`${dryRun ? 'Would keep' : 'Kept'} the old one as ${path(report.backup)}`);
  for (const warning of report.warnings) lines.push(warningLine(warning, path(warning.file), paint));
  if (!undo) lines.push(...sshLines(story.ssh, paint));
  if (report.changed.length > 0 && !undo && !dryRun) {
    lines.push(
      `  ${paint.quiet(`ssh asks your phone from now on. ${story.me} setup --undo takes exactly this out again`)}`,
    );
  }
  return lines;
}

/** Which agent of the person's stands behind ours from now on. */
export function upstreamLine(upstream: UpstreamSetting, dryRun: boolean, userFolder: string): string {
  const stands = dryRun ? 'would stand' : 'stands';
  switch (upstream.is) {
    case 'none':
      return `No other agent ${stands} behind Palmkey’s: it lists the keys of your phones alone`;
    case 'environment':
      return `The agent of SSH_AUTH_SOCK, as it was where Palmkey was started, ${stands} behind Palmkey’s`;
    case 'path':
      return `The agent at ${visible(shellPath(upstream.path, userFolder))} ${stands} behind Palmkey’s: its keys come after those of your phones`;
  }
}

function warningLine({ code, keyword, line }: SetupWarning, file: string, paint: Paint): string {
  const where = `${keyword} in ${file}, line ${line}`;
  return code === 'kept'
    ? `${paint.unusual('note')}  ${where}, stays in force for its hosts: those do not ask your phone`
    : `${paint.unusual('note')}  ${where}, no longer takes effect`;
}

function sshLines(ssh: SshFacts, paint: Paint): string[] {
  if (ssh.version === null) return [`${paint.unusual('note')}  there is no OpenSSH here yet`];
  if (ssh.bindsSessions) return [];
  return [
    `${paint.unusual('note')}  ${visible(ssh.version)} cannot prove to the phone which server asks; OpenSSH 8.9 and later can`,
  ];
}
