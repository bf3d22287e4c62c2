/** A word as a POSIX shell reads it back, quoted only where it must be. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A path as a person would type it: below the person's own folder it begins with `~/`, where no quotes are needed. */
export function shellPath(path: string, userFolder: string): string {
  const rest = path.startsWith(`${userFolder}/`) ? path.slice(userFolder.length + 1) : undefined;
  return rest !== undefined && shellWord(rest) === rest ? `~/${rest}` : shellWord(path);
}
