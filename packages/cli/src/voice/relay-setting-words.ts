/** What each of the relay's settings does, for help, the manual page and the operators' reference. */
import type { KindName, SettingName } from '@palmkey/relay/settings';

/** One line for each, without a stop. */
export const settingWords: Readonly<Record<SettingName, string>> = {
  listen: 'the address to listen at',
  port: 'the port to listen at; 0: any that is free',
  publicUrl: 'the address by which devices reach it, such as https://relay.example.org; several with commas',
  trustProxy: 'believe the last address of X-Forwarded-For, behind a proxy that sets it',
  store: 'its database, or a postgres:// URL; in the home folder when left out',
  bus: 'the nats:// URL of the server by which several nodes are one relay',
  admission: 'open: every device; members: those that are known, invited, or signed in',
  openToAnyone: 'really admit everybody who can reach it, when it listens beyond this computer',
  githubClientId: 'the client id of the OAuth app by which people sign in at GitHub',
  githubSecret: 'the client secret of that app',
  githubUsers: 'the GitHub logins that are admitted',
  githubOrganisations: 'the GitHub organisations whose members are admitted',
  githubUrl: 'where people sign in, for a GitHub of your own',
  githubApiUrl: 'where GitHub is asked about them',
  pushContact: 'whom push services write to: mailto: or https:; without it nothing is pushed',
  pushServices: 'hosts of push services beside those of the browsers',
  app: 'serve this build of the phone app instead of our own',
  metricsToken: 'the token that reads /metrics from beyond this computer',
  maxConnections: 'the most connections at one time',
  drainTime: 'over how long devices are sent away when it stops',
  logLevel: 'how much it logs',
};

/** How a value is called in a synopsis; null for a switch. */
export const placeholders: Readonly<Record<KindName, string | null>> = {
  text: 'text',
  address: 'address',
  path: 'file',
  store: 'store',
  bus: 'url',
  port: 'port',
  origins: 'url',
  names: 'names',
  contact: 'url',
  switch: null,
  app: 'folder',
  admission: 'who',
  level: 'level',
  count: 'number',
  duration: 'time',
  bytes: 'size',
  url: 'url',
};

/** What a value has to be. */
export const forms: Readonly<Record<KindName, string>> = {
  text: 'a text in one line',
  address: 'an address of this computer, like 127.0.0.1, :: or 0.0.0.0',
  path: 'the path of a file',
  store: 'the path of a file, or postgres://user:password@host/database',
  bus: 'nats://host:port or tls://host:port',
  port: 'a number from 0 to 65535',
  origins: 'https addresses without a path, like https://relay.example.org; plain http works on localhost only',
  names: 'names with commas between them',
  contact: 'mailto:somebody@example.org or an https address',
  switch: 'true or false',
  app: 'a folder, or false for no app (none in the environment)',
  admission: 'open or members',
  level: 'error, warn, info, debug or trace',
  count: 'a whole number from 1',
  duration: 'a number and s, min, h or d, like 90s or 30d; or 0',
  bytes: 'a number and KiB, MiB or GiB, like 4MiB; or 0',
  url: 'an https address without a path, like https://github.example.org',
};
