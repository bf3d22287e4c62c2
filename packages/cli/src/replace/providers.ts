/** Where git's hosts have their settings for keys: nobody gets a shell there. */

const settings: Readonly<Record<string, string>> = {
  'github.com': 'https://github.com/settings/keys',
  'ssh.github.com': 'https://github.com/settings/keys',
  'gitlab.com': 'https://gitlab.com/-/user_settings/ssh_keys',
  'altssh.gitlab.com': 'https://gitlab.com/-/user_settings/ssh_keys',
  'bitbucket.org': 'https://bitbucket.org/account/settings/ssh-keys/',
  'altssh.bitbucket.org': 'https://bitbucket.org/account/settings/ssh-keys/',
  'codeberg.org': 'https://codeberg.org/user/settings/keys',
  'gitea.com': 'https://gitea.com/user/settings/keys',
  'git.sr.ht': 'https://meta.sr.ht/keys',
  'ssh.dev.azure.com': 'https://dev.azure.com/_usersSettings/keys',
  'hf.co': 'https://huggingface.co/settings/keys',
};

/** The page with a person's keys; null for a host that none is known of. */
export function keySettings(host: string): string | null {
  const name = host.toLowerCase();
  return Object.hasOwn(settings, name) ? (settings[name] ?? null) : null;
}

/** Whether a place is such a host: a known one, one where commits were for, or one that everybody enters as `git`. */
export function isProvider(place: {
  readonly kind: string;
  readonly user: string | null;
  readonly host: string | null;
}) {
  return place.host !== null && (place.kind === 'git' || place.user === 'git' || keySettings(place.host) !== null);
}
