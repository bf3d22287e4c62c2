import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';
import { resolveSettings, type Given, type Resolved } from './resolve.ts';
import { environmentName, flagName, settingNames, settings, settingsSchema } from './table.ts';
import { contradictionIn, relayOptions } from './to-options.ts';
import { pino } from 'pino';

function resolved(given: Partial<Omit<Given, 'file'>> & { file?: unknown } = {}): Resolved {
  const { file, ...rest } = given;
  const text = typeof file === 'string' ? file : JSON.stringify(file);
  return resolveSettings({
    flags: {},
    env: {},
    readSecret: () => {
      throw new Error('no such file');
    },
    ...rest,
    ...(file !== undefined && { file: { path: '/etc/palmkey/relay.json', text } }),
  });
}

const standing = ({ standings }: Resolved, name: string) => standings.find((one) => one.name === name);
const faults = ({ problems }: Resolved) => problems.map(({ code, setting, found }) => [code, setting, found]);

test('settings without any word are those of the table, and none is wrong', () => {
  const { settings: settled, problems } = resolved();
  expect(problems).toEqual([]);
  expect(settled).toMatchObject({
    listen: '127.0.0.1',
    port: 7722,
    publicUrl: [],
    admission: 'open',
    drainTime: 5000,
    openToAnyone: false,
  });
  expect(Object.keys(settingsSchema.entries)).toEqual(settingNames);
});

test('a flag wins over the environment, that over the file, that over what holds otherwise', () => {
  const all = { flags: { port: '1' }, env: { PALMKEY_RELAY_PORT: '2' }, file: { port: 3 } };
  expect(standing(resolved(all), 'port')).toMatchObject({ value: 1, source: 'flag' });
  expect(standing(resolved({ ...all, flags: {} }), 'port')).toMatchObject({ value: 2, source: 'environment' });
  expect(standing(resolved({ file: all.file }), 'port')).toMatchObject({ value: 3, source: 'file' });
  expect(standing(resolved({ env: { PALMKEY_RELAY_PORT: '' } }), 'port')).toMatchObject({ source: 'default' });
});

test('every kind of value is read from a text as from a file', () => {
  const env = {
    PALMKEY_RELAY_PUBLIC_URL: 'https://a.example, https://b.example:8443',
    PALMKEY_RELAY_TRUST_PROXY: 'yes',
    PALMKEY_RELAY_APP: 'none',
    PALMKEY_RELAY_DRAIN_TIME: '2min',
    PALMKEY_RELAY_MAX_CONNECTIONS: '50',
    PALMKEY_RELAY_LOG_LEVEL: 'debug',
  };
  const file = {
    publicUrl: ['https://a.example', 'https://b.example:8443'],
    trustProxy: true,
    app: false,
    drainTime: '2min',
    maxConnections: 50,
    logLevel: 'debug',
  };
  expect(resolved({ env }).settings).toEqual(resolved({ file }).settings);
  expect(
    resolved({ flags: { publicUrl: ['https://a.example', 'https://b.example:8443'] } }).settings?.publicUrl,
  ).toEqual(file.publicUrl);
});

test('a name that no setting has is refused with the nearest one, in a file', () => {
  expect(faults(resolved({ file: { admision: 'open' } }))).toEqual([['unknown-setting', 'admision', 'admission']]);
  expect(faults(resolved({ file: { 'public-url': 'x', colour: 1 } }))).toEqual([
    ['unknown-setting', 'public-url', 'publicUrl'],
    ['unknown-setting', 'colour', null],
  ]);
  expect(resolved({ file: { $schema: './relay.schema.json' } }).problems).toEqual([]);
});

test('each value that is none of its kind is told, and no other setting is', () => {
  const file = { port: 70_000, admission: 'everybody', publicUrl: 'http://relay.example.org', drainTime: '5 years' };
  expect(faults(resolved({ file })).map(([code, name]) => [code, name])).toEqual([
    ['bad-setting', 'port'],
    ['bad-setting', 'publicUrl'],
    ['bad-setting', 'admission'],
    ['bad-setting', 'drainTime'],
  ]);
  expect(resolved({ file }).settings).toBeNull();
  const bad = ['https://a.example/path', 'https://u:p@a.example', 'ftp://a.example', 'a.example'];
  for (const publicUrl of bad) expect(resolved({ file: { publicUrl } }).settings).toBeNull();
});

test('a file that is no JSON object is one problem', () => {
  for (const file of ['{', '[]', '7', 'null']) {
    expect(faults(resolved({ file }))).toEqual([['bad-config', '/etc/palmkey/relay.json', null]]);
  }
});

test('a secret comes from a file beside the configuration, and its value is in no problem', () => {
  const seen: string[] = [];
  const readSecret = (path: string) => (seen.push(path), 's3cret\n');
  const good = resolved({ file: { githubClientId: 'id', githubSecretFile: 'github' }, readSecret });
  expect(good.settings?.githubSecret).toBe('s3cret');
  expect(seen).toEqual(['/etc/palmkey/github']);
  expect(standing(good, 'githubSecret')).toMatchObject({ secretFile: '/etc/palmkey/github', source: 'file' });
  const missing = resolved({ file: { metricsTokenFile: '/nowhere' } });
  expect(faults(missing)).toEqual([['unreadable-secret', 'metricsToken', '/nowhere']]);
  expect(faults(resolved({ file: { metricsTokenFile: 7 } }))).toEqual([['bad-setting', 'metricsTokenFile', null]]);
  const twice = resolved({ file: { metricsToken: 'a', metricsTokenFile: 'b' }, readSecret });
  expect(faults(twice)).toEqual([['given-twice', 'metricsToken', 'metricsTokenFile']]);
  const odd = resolved({ env: { PALMKEY_RELAY_STORE: 'mysql://user:hunter2@db/x' } });
  expect(JSON.stringify(odd.problems)).not.toContain('hunter2');
  expect(odd.settings).toBeNull();
});

test('an empty secret is none', () => {
  expect(faults(resolved({ flags: { metricsTokenFile: '/run/t' }, readSecret: () => '\n' }))).toEqual([
    ['unreadable-secret', 'metricsToken', '/run/t'],
  ]);
});

test('a setting that does nothing without another is told', () => {
  expect(faults(resolved({ file: { githubClientId: 'id', pushServices: 'push.example.org' } }))).toEqual([
    ['needs-setting', 'githubClientId', 'githubSecret'],
    ['needs-setting', 'pushServices', 'pushContact'],
  ]);
  expect(faults(resolved({ flags: { appOrigins: ['https://app.example.org'] } }))).toEqual([
    ['needs-setting', 'appOrigins', 'githubClientId'],
  ]);
});

test.each([
  ['mailTime', ['0', '30d', '720h'], ['31d', '721h', '999999999d', '-1s']],
  ['mailboxMessages', ['1', '100000'], ['0', '100001', '1e3']],
  ['mailboxSize', ['128KiB', '1GiB'], ['0', '127KiB', '1025MiB', '4MB']],
  ['postsPerMinute', ['1', '600'], ['0', '-1', '60/min']],
  ['appOrigins', ['https://app.example.org, http://localhost:7210'], ['http://app.example.org', '*', 'https://a.b/c']],
])('%s has bounds, and what is beyond them is told with its name', (name, good, bad) => {
  const github = { PALMKEY_RELAY_GITHUB_CLIENT_ID: 'id', PALMKEY_RELAY_GITHUB_SECRET: 's' };
  const given = (text: string) => resolved({ env: { ...github, [environmentName(name)]: text } });
  for (const text of good) expect(given(text).problems).toEqual([]);
  for (const text of bad) expect(faults(given(text)).map(([code, of]) => [code, of])).toEqual([['bad-setting', name]]);
});

test('paths of a configuration file count from its folder, URLs and others do not', () => {
  const file = { store: 'relay.sqlite', app: '../app' };
  expect(resolved({ file }).settings).toMatchObject({ store: '/etc/palmkey/relay.sqlite', app: '/etc/app' });
  expect(resolved({ file: { store: 'postgres://db/palmkey' } }).settings?.store).toBe('postgres://db/palmkey');
  expect(resolved({ flags: { store: 'x.sqlite' } }).settings?.store).toBe('x.sqlite');
});

test('settings become the options of a relay, and contradict each other as those do', () => {
  const { settings: settled } = resolved({
    env: { PALMKEY_RELAY_GITHUB_SECRET: 's' },
    file: {
      listen: '0.0.0.0',
      githubClientId: 'id',
      appOrigins: 'https://app.example.org/',
      pushContact: 'mailto:ops@example.org',
      app: false,
      mailTime: '2h',
      mailboxMessages: 20,
      mailboxSize: '1MiB',
      postsPerMinute: 7,
    },
  });
  expect(settled && contradictionIn(settled)).toBe('open-to-anyone');
  const logger = pino({ level: 'silent' });
  const options = settled && relayOptions(settled, { store: 'else.sqlite', appDir: '/app', logger });
  expect(options).toMatchObject({
    host: '0.0.0.0',
    store: 'else.sqlite',
    github: {
      clientId: 'id',
      clientSecret: 's',
      users: [],
      appOrigins: ['https://app.example.org'],
      webUrl: 'https://github.com',
    },
    push: { contact: 'mailto:ops@example.org', services: [] },
    mail: { lifetimeS: 7200, totalBytes: 512 * 1024 ** 2, mailboxMessages: 20, mailboxBytes: 1024 ** 2 },
    rates: { postsPerMinute: 7, connectionsPerMinute: 240 },
    drainMs: 5000,
  });
  expect(options).not.toHaveProperty('appDir');
  expect(resolved().settings && contradictionIn(resolved().settings!)).toBeNull();
});

test('every setting has a name of its own for the command line and the environment', () => {
  expect(environmentName('githubClientId')).toBe('PALMKEY_RELAY_GITHUB_CLIENT_ID');
  expect(flagName('publicUrl')).toBe('--public-url');
  expect(new Set(settingNames.map(environmentName)).size).toBe(settingNames.length);
  for (const name of settingNames) expect(settings[name].kind.is).toBeTruthy();
});

test('nearest finds a slip and no other word', () => {
  const names = ['listen', 'port', 'publicUrl'];
  expect(nearest('publicURL', names)).toBe('publicUrl');
  expect(nearest('prot', names)).toBe('port');
  expect(nearest('', names)).toBeUndefined();
  expect(nearest('elephant', names)).toBeUndefined();
});
