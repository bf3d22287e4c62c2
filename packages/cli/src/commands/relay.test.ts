import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withoutPassword } from '../voice/relay-check-words.ts';
import { run } from '../run.ts';
import { testCli } from '../testing/test-cli.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'palmkey-relay-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function palmkey(env: Record<string, string>, ...argv: string[]) {
  const cli = testCli({ PALMKEY_HOME: folder, ...env });
  const code = await run(argv, cli);
  return { code, printed: cli.printed(), complained: cli.complained() };
}

function put(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('relay check', () => {
  it('shows each setting with where it came from, and no secret', async () => {
    put('github', 'gh-s3cret\n');
    const config = put(
      'relay.json',
      JSON.stringify({
        publicUrl: 'https://relay.example.org',
        githubClientId: 'Iv1.0123',
        githubSecretFile: 'github',
        store: 'postgres://relay:hunter2@db.example.org/palmkey?password=hunter2',
      }),
    );
    const env = { PALMKEY_RELAY_CONFIG: config, PALMKEY_RELAY_BUS: 'nats://t0ken@bus.example.org:4222' };
    const checked = await palmkey(env, 'relay', 'check', '--port', '7800', '--admission', 'members');
    expect(checked.code).toBe(0);
    expect(checked.printed).toMatch(new RegExp(`publicUrl +https://relay.example.org +${config}\n`));
    expect(checked.printed).toMatch(/ port +7800 +--port\n/);
    expect(checked.printed).toMatch(/ listen +127.0.0.1\n/);
    expect(checked.printed).toMatch(/ bus +nats:\/\/…@bus.example.org:4222 +PALMKEY_RELAY_BUS\n/);
    expect(checked.printed).toMatch(/ store +postgres:\/\/relay:…@db.example.org\/palmkey +/);
    expect(checked.printed).toContain(`(set)`);
    expect(checked.printed).toContain(`from ${join(folder, 'github')}`);
    expect(checked.printed).toContain('Nothing is wrong with it.');
    const json = await palmkey(env, 'relay', 'check', '--json');
    expect(JSON.parse(json.printed)).toMatchObject({ configuration: config, faults: [] });
    for (const text of [checked.printed, json.printed]) expect(text).not.toMatch(/s3cret|hunter2|t0ken/);
  });

  it.each([
    ['nats://relay:t0ken@a:4222,b:4222,c:4222?replicas=3', 'nats://relay:…@a:4222,b:4222,c:4222'],
    ['nats://t0ken@a,nats://t0ken@b:1', 'nats://…@a,nats://…@b:1'],
    ['tls://relay:a%40t0ken@a', 'tls://relay:…@a'],
    ['postgres://relay:t0k/en@db/palmkey', 'postgres://relay:…@db/palmkey'],
    ['postgres://relay@db/palmkey?password=x@t0ken', 'postgres://…'],
    ['postgres://relay:t0ken?@db/palmkey', 'postgres://…'],
    ['/var/lib/palmkey@home/relay.db', '/var/lib/palmkey@home/relay.db'],
  ])('withoutPassword shows nothing secret of %s', (text, shown) => {
    expect(withoutPassword(text)).toBe(shown);
  });

  it('takes several servers of a bus, with commas or one by one', async () => {
    const joined = await palmkey({ PALMKEY_RELAY_BUS: 'nats://a:1,b:2?replicas=3' }, 'relay', 'check');
    expect([joined.code, joined.printed.includes('nats://a:1,b:2 ')]).toEqual([0, true]);
    const urls = ['--bus', 'nats://relay:t0ken@a:1', '--bus', 'nats://b:2'];
    const repeated = await palmkey({}, 'relay', 'check', ...urls);
    expect(repeated.code).toBe(0);
    expect(repeated.printed).toContain('nats://relay:…@a:1,nats://b:2 ');
    expect(repeated.printed).toContain('--bus-file');
    const wrong = await palmkey({}, 'relay', 'check', '--bus', 'nats://t0ken@a:1?replica=3');
    expect(wrong.code).toBe(2);
    expect(wrong.printed + wrong.complained + repeated.printed).not.toContain('t0ken');
  });

  it('tells all that is wrong at once', async () => {
    const config = put('relay.json', JSON.stringify({ listn: '::', port: 'high', metricsTokenFile: 'gone' }));
    const checked = await palmkey({}, 'relay', 'check', '--config', config);
    expect(checked.code).toBe(2);
    expect(checked.printed).toContain('there is no setting listn\n  Was listen meant?');
    expect(checked.printed).toContain('port cannot be "high"\n  It is a number from 0 to 65535');
    expect(checked.printed).toContain(`cannot read metricsToken from ${join(folder, 'gone')}`);
    expect(checked.complained).toContain('would not start');
    const json = await palmkey({}, 'relay', 'check', '--config', config, '--json');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.printed)).toMatchObject({
      faults: [
        { code: 'unknown-setting', setting: 'listn', found: 'listen' },
        { code: 'unreadable-secret', setting: 'metricsToken' },
        { code: 'bad-setting', setting: 'port' },
      ],
    });
  });

  it('says what contradicts, what is open to all, and which password others can read', async () => {
    const beyond = ['--listen', '0.0.0.0', '--public-url', 'https://relay.example.org'];
    const refused = await palmkey({}, 'relay', 'check', ...beyond);
    expect([refused.code, refused.printed.includes('add --open-to-anyone')]).toEqual([2, true]);
    const allowed = await palmkey({}, 'relay', 'check', ...beyond, '--open-to-anyone', '--store', 'postgres://a:b@c/d');
    expect(allowed.code).toBe(0);
    expect(allowed.printed).toContain('Every device that can reach it is admitted.');
    expect(allowed.printed).toContain('--store-file');
  });
});

describe('relay', () => {
  it.each([
    [['--port', 'x'], {}, '--port cannot be "x"'],
    [[], { PALMKEY_RELAY_TRUST_PROXY: 'maybe' }, 'PALMKEY_RELAY_TRUST_PROXY cannot be "maybe"'],
    [['--config', '/nowhere/relay.json'], {}, 'cannot read the configuration /nowhere/relay.json'],
    [['--github-client-id', 'x'], {}, '--github-client-id does nothing without githubSecret'],
    [['--push-contact', 'ops'], {}, '--push-contact cannot be "ops"'],
    [['--public-url', 'http://relay.example.org'], {}, '--public-url cannot be'],
  ])('does not start with %j %j', async (argv, env, problem) => {
    const refused = await palmkey(env, 'relay', ...argv);
    expect(refused.code).toBe(2);
    expect(refused.complained).toContain(problem);
  });

  it('takes no secret on the command line', async () => {
    const refused = await palmkey({}, 'relay', '--github-secret', 'x');
    expect(refused.code).toBe(2);
    expect(refused.complained).toContain('--github-secret');
    expect((await palmkey({}, 'relay', '--help')).printed).toContain('--github-secret-file <file>');
  });
});
