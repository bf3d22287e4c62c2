/**
 * Leads ssh to Palmkey: our own config file, and one block in ~/.ssh/config that includes it. ssh takes the first value
 * it finds, so the block stands after what is for single hosts and before what another tool sets for all.
 */
import { dirname, join } from 'node:path';
import type { Setting } from './config-settings.ts';
import { findSettings } from './config-settings.ts';
import { linesOf } from './config-line.ts';
import { withBlock, withoutBlock } from './include-block.ts';
import type { OwnConfigPaths } from './own-config.ts';
import { SetupError } from './errors.ts';
import { includeArgument, isOwnConfig, OWN_CONFIG_VERSION, ownConfig, ownConfigVersion } from './own-config.ts';
import type { SetupFiles } from './setup-files.ts';
import { diskFiles } from './setup-files.ts';

export interface SetupOptions extends OwnConfigPaths {
  /** The person's home folder, in which `.ssh/config` stands. */
  readonly userHome: string;
  /** Where our own config file is to stand; its folder is made 0700 if need be. */
  readonly sshConfig: string;
  readonly files?: SetupFiles;
  /** The wall clock, for the backup's name. */
  readonly now?: () => Date;
}

/** Something of the person's that meets ours: `replaced` no longer holds, `kept` holds for its hosts instead of ours. */
export interface SetupWarning {
  readonly code: 'replaced' | 'kept';
  readonly keyword: Setting['keyword'];
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface SetupReport {
  /** The files that were written or removed; empty when all was so already. */
  readonly changed: readonly string[];
  /** The copy of the person's file as it was, when it was changed. */
  readonly backup: string | null;
  readonly warnings: readonly SetupWarning[];
}

/**
 * Sets up, or sets right what is set up already.
 * @throws SetupError before anything is changed; the system's errors when a file cannot be read or written.
 */
export function setUpSsh(options: SetupOptions): SetupReport {
  const files = options.files ?? diskFiles;
  const own = ownConfig(options);
  refuseNewer(options, files);
  const person = personFile(options, files);
  const was = person.memory ?? {
    made: person.found === null,
    folder: person.found === null && !files.hasFolder(join(options.userHome, '.ssh')),
  };
  const settings = findSettings(person.stripped, person.path, {
    files,
    sshFolder: join(options.userHome, '.ssh'),
    home: options.userHome,
  });
  const at = settings.find((setting) => setting.forAll)?.before ?? linesOf(person.stripped).length;
  const text = withBlock(person.stripped, at, includeArgument(options.sshConfig), was);
  const blockLines = linesOf(text).length - linesOf(person.stripped).length;
  const warnings = settings.map(({ keyword, file, line, before }): SetupWarning => {
    const moved = file === person.path && line > at ? blockLines : 0;
    return { code: before < at ? 'kept' : 'replaced', keyword, file, line: line + moved };
  });

  const changed: string[] = [];
  if (files.read(options.sshConfig)?.text !== own) {
    files.makeFolder(dirname(options.sshConfig));
    files.replace(options.sshConfig, { text: own, mode: 0o600 });
    changed.push(options.sshConfig);
  }
  const backup = changePerson(options, files, person, text);
  if (backup !== undefined) changed.push(person.path);
  return { changed, backup: backup ?? null, warnings };
}

/**
 * Takes exactly our block out of the person's file, and our own file away.
 * @throws SetupError before anything is changed; the system's errors when a file cannot be read or written.
 */
export function undoSshSetup(options: SetupOptions): SetupReport {
  const files = options.files ?? diskFiles;
  refuseNewer(options, files);
  const person = personFile(options, files);
  const gone = person.memory?.made === true && person.stripped === '';
  const backup =
    person.memory === null ? undefined : changePerson(options, files, person, gone ? null : person.stripped);
  const changed = backup === undefined ? [] : [person.path];
  const own = files.read(options.sshConfig);
  if (own !== null && isOwnConfig(own.text)) {
    files.remove(options.sshConfig);
    changed.push(options.sshConfig);
  }
  if (gone && person.memory?.folder === true) files.removeEmptyFolder(join(options.userHome, '.ssh'));
  return { changed, backup: backup ?? null, warnings: [] };
}

/** What a newer program wrote is not ours to change: it may mean more than we can read. */
function refuseNewer({ sshConfig }: SetupOptions, files: SetupFiles): void {
  if (ownConfigVersion(files.read(sshConfig)?.text ?? '') > OWN_CONFIG_VERSION)
    throw new SetupError('newer-setup', sshConfig);
}

function personFile({ userHome }: SetupOptions, files: SetupFiles) {
  const path = files.follow(join(userHome, '.ssh', 'config'));
  const found = files.read(path);
  const { text: stripped, memory } = withoutBlock(found?.text ?? '', path);
  return { path, found, stripped, memory };
}

/** Undefined when nothing was to change; else the backup's path, or null when there was nothing to keep. */
function changePerson(
  options: SetupOptions,
  files: SetupFiles,
  { path, found }: ReturnType<typeof personFile>,
  text: string | null,
): string | null | undefined {
  if (found?.text === text) return undefined;
  const folder = join(options.userHome, '.ssh');
  files.makeFolder(folder);
  let backup: string | null = null;
  if (found !== null && text !== null) {
    const time = (options.now?.() ?? new Date()).toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
    const name = join(folder, `config.palmkey-backup-${time}`);
    backup = name;
    // Two changes within a second: the second must not take the place of what was there before the first.
    for (let i = 2; files.read(backup) !== null; i += 1) backup = `${name}-${i}`;
    files.replace(backup, found);
  }
  if (text === null) files.remove(path);
  else files.replace(path, { text, mode: found?.mode ?? 0o600 });
  return backup;
}
