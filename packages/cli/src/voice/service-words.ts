/** What became of the service. */
import type { CommandLine, ServiceReport, ServiceStatus } from '@palmkey/host/service';
import type { Paint } from './paint.ts';
import { shellPath, shellWord } from './shell-word.ts';
import { visible } from './visible.ts';

interface Where {
  readonly userFolder: string;
  readonly me: string;
}

export function serviceLines(
  report: ServiceReport,
  what: 'install' | 'uninstall',
  { userFolder, me }: Where,
  paint: Paint,
): string[] {
  const path = (text: string) => visible(shellPath(text, userFolder));
  const install = what === 'install';
  const lines = report.changed.map((file) => `${install ? 'Wrote' : 'Removed'} ${path(file)}`);
  if (lines.length === 0)
    lines.push(install ? 'The service is as it should be already.' : 'No service of Palmkey’s is installed.');
  if (report.backup !== null) lines.push(`Kept the old one as ${path(report.backup)}`);
  for (const { command, exit, said } of report.ran) {
    const words = visible(commandWords(command));
    lines.push(exit === 0 ? `Ran ${words}` : `${paint.unusual('note')}  ${words} ended with ${exit}: ${visible(said)}`);
  }
  if (report.notRun.length > 0) {
    lines.push('', 'The system’s service manager does not answer here. Not run here, so run these yourself:', '');
    lines.push(...report.notRun.map((command) => `  ${paint.command(visible(commandWords(command)))}`));
  } else if (install)
    lines.push(`  ${paint.quiet(`${me} status shows it; ${me} service uninstall takes it away again`)}`);
  return lines;
}

export function serviceStatusLine(
  { file, installed, active }: ServiceStatus,
  { userFolder, me }: Where,
  paint: Paint,
): string {
  const path = visible(shellPath(file, userFolder));
  switch (installed) {
    case 'none':
      return `No service is installed. ${me} service install writes ${path}`;
    case 'other':
      return `${paint.unusual('note')}  ${path} is not Palmkey’s`;
    case 'ours':
      return `${path}  ${active === null ? paint.quiet('the service manager does not answer here') : active ? paint.good('runs') : paint.unusual('does not run')}`;
  }
}

function commandWords(command: CommandLine): string {
  return command.map(shellWord).join(' ');
}
