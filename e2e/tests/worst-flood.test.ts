/** Thirty-four logins in a second. In a file of its own: how often a phone may be asked is counted over a reload. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Servers } from '../lib/servers.ts';
import { answer, nothingAsks } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;
let servers: Servers;

beforeAll(async () => {
  stage = await Stage.open();
  servers = await Servers.start(join(stage.folder, 'servers'), {
    home: stage.home,
    keyLines: [stage.keyLine],
    servers: { alpha: {} },
  });
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const logins = async () => (await stage.log()).filter(({ kind }) => kind === 'login');

test('thirty-four logins in a second: thirty are shown, the others refused by name, and none is lost', async () => {
  const count = 34;
  const all = Array.from({ length: count }, () => servers.start(['alpha', 'true']));
  const behind = stage.page.getByText(/^\d+ more waiting$/);
  await behind.waitFor();
  const shown = async () => Number.parseInt((await behind.textContent()) ?? '', 10) + 1;
  const ended = () => all.filter(({ exitCode }) => exitCode !== null).length;
  await expect.poll(async () => (await shown()) + ended(), { timeout: 30_000 }).toBe(count);
  expect(ended()).toBeLessThanOrEqual(4);
  expect((await logins()).map(({ code }) => code)).toEqual(Array.from({ length: ended() }, () => 'too-many'));
  const refused = ended();
  for (let at = 0; at < 4; at += 1) await answer(stage.page, at % 2 === 0 ? 'approve' : 'reject');
  await expect.poll(ended).toBe(refused + 4);
  expect(all.filter(({ exitCode }) => exitCode === 0)).toHaveLength(2);
  expect(servers.accepted('alpha')).toBe(2);

  for (const ssh of all) ssh.kill();
  await Promise.all(all.map((ssh) => ssh.ended()));
  // What lay in front of the person stays until they have seen that it is over.
  const back = stage.page.getByRole('button', { name: 'Back to the inbox', disabled: false });
  await back.or(stage.page.getByText('Nothing is asking.')).first().waitFor();
  if (await back.isVisible()) await back.click();
  await nothingAsks(stage.page);
  await stage.page
    .getByRole('button', { name: /^Mute / })
    .first()
    .waitFor();
  await expect.poll(async () => (await logins()).length).toBe(count);
  const ends = (await logins()).map(({ outcome, code }) => code ?? outcome);
  const numberOf = (end: string) => ends.filter((each) => each === end).length;
  expect(['approved', 'rejected', 'too-many', 'withdrawn'].map(numberOf)).toEqual([2, 2, refused, count - refused - 4]);
  expect(stage.browser.signed()).toBe(2);
});
