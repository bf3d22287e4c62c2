/** What `palmkey git setup` says: each setting it changed, with its former value, and what was left alone. */
import type { GitSetupReport, GitUndoReport, GitWarning } from '@palmkey/host/git';
import type { Paint } from './paint.ts';
import { shellPath } from './shell-word.ts';
import { table } from './table.ts';
import { visible } from './visible.ts';

export interface GitStory {
  readonly userFolder: string;
  readonly me: string;
  readonly scope: 'global' | 'local';
  readonly dryRun: boolean;
}

export function gitSetupLines(report: GitSetupReport, story: GitStory, paint: Paint): string[] {
  const { dryRun, me, scope } = story;
  const path = (file: string) => shellPath(file, story.userFolder);
  const lines: string[] = [];
  const { changes, backup, signers } = report;
  if (changes.length === 0) lines.push(`git is set up already in ${path(report.file)}.`);
  else lines.push(`${dryRun ? 'Would write' : 'Wrote'} to ${path(report.file)}`);
  lines.push(
    ...table(
      changes.map(({ name, before, ours }) => [name, visible(shortKey(ours)), paint.quiet(former(before))]),
      2,
    ),
  );
  if (backup !== null) lines.push(`Kept the old one as ${path(backup)}`);
  if (signers !== null && signers.added.length > 0) {
    lines.push(`${dryRun ? 'Would add' : 'Added'} to ${path(signers.file)}, which git verifies with`);
    lines.push(...signers.added.map((line) => `  ${visible(line)}`));
  }
  for (const warning of report.warnings) lines.push(warningLine(warning, path(warning.file), story, paint));
  if (changes.length > 0 && !dryRun) {
    const undo = `${me} git setup${scope === 'local' ? ' --local' : ''} --undo`;
    lines.push(
      `  ${paint.quiet(`Commits and tags are asked of your phone from now on. ${undo} takes exactly this out again`)}`,
    );
  }
  return lines;
}

export function gitUndoLines(report: GitUndoReport | null, story: GitStory, paint: Paint): string[] {
  if (report === null) return ['Nothing of Palmkey’s is in git’s settings there.'];
  const path = (file: string) => shellPath(file, story.userFolder);
  const lines = [`${story.dryRun ? 'Would bring back' : 'Brought back'} in ${path(report.file)}`];
  lines.push(
    ...table(
      report.restored.map(({ name, before }) => [
        name,
        visible(before.map(shortKey).join(', ')) || paint.quiet('not set'),
      ]),
      2,
    ),
  );
  for (const { name, now } of report.kept) {
    const value = now.length === 0 ? 'not set' : visible(now.join(', '));
    lines.push(`${paint.unusual('note')}  ${name} was changed since (${value}) and is left so`);
  }
  return lines;
}

/** What signing was left to ssh-keygen for. */
export function notOursLine(): string {
  return 'Palmkey ▶ this key is on none of your phones: ssh-keygen signs';
}

function warningLine(
  { code, name, value, file: raw }: GitWarning,
  file: string,
  story: GitStory,
  paint: Paint,
): string {
  const note = `${paint.unusual('note')}  `;
  switch (code) {
    case 'no-email':
      return `${note}git does not know your address, so it cannot verify what you sign: git config --global user.email you@example.org, then ${story.me} git setup again`;
    case 'odd-email':
      return `${note}${visible(value)} is no address that ssh-keygen could verify for, so no line was added for it`;
    case 'other-value':
      return `${note}${name} is ${visible(shortKey(value))} here, by ${raw === '' ? 'another setting' : file}, and that holds`;
    case 'relative-signers':
      return `${note}${name} is ${visible(value)}, which is another file in each folder: add the lines of ${story.me} keys print there yourself`;
  }
}

function former(before: readonly string[]): string {
  return before.length === 0 ? 'was not set' : `was ${visible(before.map(shortKey).join(', '))}`;
}

/** A key is told by its ends. */
function shortKey(value: string): string {
  return value.startsWith('key::') && value.length > 60 ? `${value.slice(0, 24)}…${value.slice(-12)}` : value;
}
