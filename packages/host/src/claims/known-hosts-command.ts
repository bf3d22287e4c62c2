import { renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { privateFolder } from '../state/private-folder.ts';

/** The most that the file grows to while nobody reads it, in blocks of 512 bytes (some shells: 1,024). */
const MAX_CLAIMS_BLOCKS = 1024;
/** SIGXFSZ, which a write beyond that limit brings, on all systems that matter; names are not known to every shell. */
const FILE_SIZE_SIGNAL = 25;

/**
 * The sh script that ssh runs as `KnownHostsCommand … %I %H %t %K`: it appends one line, `pid %I %H %t %K`, to the
 * claims file and prints nothing. It always succeeds, since ssh ends the connection when it does not; it is a shell's
 * builtins alone, so that it costs no login anything that could be noticed. The file grows to 512 KiB and no further.
 */
export function knownHostsScript(claimsPath: string): string {
  return `#!/bin/sh
# Palmkey: tells the agent what ssh calls the server that it is logging in to (ssh_config: KnownHostsCommand).
# It adds no known hosts, and always succeeds: ssh would end the connection otherwise.
umask 077
[ "$1" = HOSTNAME ] && {
  trap '' ${FILE_SIZE_SIGNAL}
  ulimit -f ${MAX_CLAIMS_BLOCKS}
  printf '%s %s %s %s %s\\n' "$PPID" "$1" "$2" "$3" "$4" >> ${quoted(claimsPath)}
} 2>/dev/null
exit 0
`;
}

/**
 * Writes {@link knownHostsScript} with mode 0700 in one step, so that no ssh ever runs half of it.
 * @throws StateError when its folder is not a private one; Error (`EACCES`, …) when it cannot be written.
 */
export function writeKnownHostsCommand(scriptPath: string, claimsPath: string): void {
  privateFolder(dirname(scriptPath));
  const next = `${scriptPath}.${process.pid}.new`;
  writeFileSync(next, knownHostsScript(claimsPath), { mode: 0o700 });
  renameSync(next, scriptPath);
}

/** One word for a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
