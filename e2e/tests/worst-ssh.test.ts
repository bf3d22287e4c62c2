/** Worst cases of ssh: an editor that fetches each minute, eight keys against a server that counts tries. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Child } from '../lib/child.ts';
import { palmkey } from '../lib/palmkey.ts';
import { shiftClock } from '../lib/page-clock.ts';
import { Servers } from '../lib/servers.ts';
import { answer, nothingAsks } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

const minute = 60_000;

let stage: Stage;
let servers: Servers;

beforeAll(async () => {
  stage = await Stage.open();
  servers = await Servers.start(join(stage.folder, 'servers'), {
    home: stage.home,
    keyLines: [stage.keyLine],
    servers: { alpha: {}, picky: { settings: ['MaxAuthTries 6'] } },
  });
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

describe('eight keys against a server that lets a client try six', () => {
  const names = ['Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight'];

  beforeAll(async () => {
    const { page } = stage;
    await page.goto(`${stage.origin}/keys`);
    for (const name of names) {
      await page.getByRole('button', { name: 'Make another key' }).click();
      await page.getByLabel('Name of the new key').fill(name);
      await page.getByRole('button', { name: 'Make key' }).click();
      await page.getByRole('link', { name }).waitFor();
    }
    await page.goto(stage.origin);
  });

  async function lines(): Promise<string[]> {
    const { stdout } = await palmkey(stage.home, 'keys', '--json');
    return (JSON.parse(stdout) as { line: string }[]).map(({ line }) => line);
  }

  test('the first try may fail, without asking for a key that does not fit', async () => {
    await expect.poll(async () => (await lines()).length).toBe(1 + names.length);
    servers.get('picky').authorize((await lines()).slice(-1));
    const ssh = servers.start(['picky', 'true']);
    expect(await ssh.ended()).toBe(255);
    await nothingAsks(stage.page);
  });

  test('the second offers the others, and asks for the one that fits', async () => {
    const ssh = servers.start(['picky', 'true']);
    const slip = await answer(stage.page);
    expect(slip.title).toMatch(/^Log in to picky\.example\.org/);
    expect(slip.fact('Key')).toContain('Eight');
    expect(await ssh.ended(), ssh.output).toBe(0);
  });

  test('from then on it is the first that is tried, also after the host has started again', async () => {
    await stage.restartHost();
    const ssh = servers.start(['-v', '-o', 'LogLevel=DEBUG1', 'picky', 'true']);
    await answer(stage.page);
    expect(await ssh.ended(), ssh.output).toBe(0);
    expect([...ssh.output.matchAll(/Offering public key/g)]).toHaveLength(1);
  });
});

test('an editor that fetches each minute is allowed once for half an hour, and then asks again', async () => {
  const repository = join(stage.folder, 'repository');
  execFileSync('git', ['init', '-q', '--bare', repository]);
  // Only a server that is pinned can be allowed.
  const pinning = servers.start(['alpha', 'true']);
  await answer(stage.page);
  expect(await pinning.ended(), pinning.output).toBe(0);
  const clock = await shiftClock(stage.page);
  const fetches = () =>
    new Child('git', ['ls-remote', `alpha:${repository}`], {
      env: { GIT_SSH_COMMAND: `ssh -F ${servers.config}`, HOME: stage.folder },
    });
  const first = fetches();
  await stage.page.getByRole('button', { name: / for 1 h$/, disabled: false }).click();
  const sheet = stage.page.getByRole('dialog');
  await sheet.getByText('30 min', { exact: true }).click();
  const allow = sheet.getByRole('button', { name: /approve and allow/i });
  await allow.and(stage.page.locator(':not([aria-disabled="true"])')).click();
  expect(await first.ended(), first.output).toBe(0);

  const signed = stage.browser.signed();
  for (let minutes = 1; minutes <= 12; minutes += 1) {
    await clock.shift(minutes * minute);
    const next = fetches();
    expect(await next.ended(), next.output).toBe(0);
  }
  expect(stage.browser.signed() - signed).toBe(12);
  await nothingAsks(stage.page);

  await stage.restartHost({ shiftMs: 31 * minute });
  await clock.shift(31 * minute);
  const last = fetches();
  expect((await answer(stage.page)).title).toMatch(/^Log in to alpha\.example\.org/);
  expect(await last.ended(), last.output).toBe(0);
});
