/** Worst cases of a request on its way: answered twice, cut off by a reload, left by ssh, twenty at once, a changed server. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hold } from '../lib/account-pages.ts';
import { approve } from '../lib/approve.ts';
import { startSshd } from '../lib/sshd.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;
/** What stood at the beginning of a test. */
let before: { signed: number; accepted: number; logins: number };

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(async () => {
  before = {
    signed: stage.browser.signed(),
    accepted: stage.accepted(),
    logins: (await stage.outcomes()).length,
  };
});

const nothingAsks = () => stage.page.getByText('Nothing is asking.').waitFor();
const approvals = () => stage.page.getByRole('button', { name: /approve/i });

/** What was signed, let in and logged since the test began. */
async function since() {
  return {
    signed: stage.browser.signed() - before.signed,
    accepted: stage.accepted() - before.accepted,
    outcomes: (await stage.outcomes()).slice(before.logins),
  };
}

describe('an answer', () => {
  test('given just before a reload counts once', async () => {
    const ssh = stage.login();
    await approve(stage.page);
    await stage.page.reload();
    expect(await ssh.ended()).toBe(0);
    expect(ssh.output).toMatch(/Palmkey ▶ approved on Pixel[\s\S]*logged-in/);
    await nothingAsks();
    expect(await since()).toEqual({ signed: 1, accepted: 1, outcomes: ['approved'] });
    await stage.page.goto(`${stage.origin}/history`);
    await expect.poll(() => stage.page.getByText(/Approved · as /).count()).toBe(1);
    await stage.page.goto(stage.origin);
  });

  test('tapped twice counts once', async () => {
    const ssh = stage.login();
    const button = stage.page.getByRole('button', { name: 'Approve once', disabled: false });
    await button.dblclick();
    expect(await ssh.ended()).toBe(0);
    await stage.page.getByText(/Signed · \S+ confirmed$/).waitFor();
    expect(await since()).toEqual({ signed: 1, accepted: 1, outcomes: ['approved'] });
  });
});

test('a request that a reload interrupts comes back with the time it has left', async () => {
  const ssh = stage.login();
  const left = async () =>
    Number(/\d+/.exec((await stage.page.getByRole('timer').first().getAttribute('aria-label')) ?? '')?.[0]);
  await approvals().waitFor();
  const first = await left();
  await stage.page.reload();
  await approvals().waitFor();
  const second = await left();
  expect(second).toBeLessThanOrEqual(first);
  expect(second).toBeGreaterThan(first - 15);
  await approve(stage.page);
  expect(await ssh.ended()).toBe(0);
  expect(await since()).toEqual({ signed: 1, accepted: 1, outcomes: ['approved'] });
});

test('a request whose ssh is ended by Ctrl-C leaves the screen', async () => {
  const ssh = stage.login();
  await ssh.prints(/Palmkey ▶ Pixel has it, waiting for you…/);
  await approvals().waitFor();
  ssh.write('\u0003');
  expect(await ssh.ended()).not.toBe(0);
  await stage.page.getByText(/\S+ stopped asking$/).waitFor();
  await stage.page.getByText('Nothing was signed.').waitFor();
  expect(await approvals().count()).toBe(0);
  await stage.page.getByRole('button', { name: 'Back to the inbox', disabled: false }).click();
  await nothingAsks();
  expect(await since()).toEqual({ signed: 0, accepted: 0, outcomes: ['withdrawn'] });
});

test('twenty logins at once are each asked, signed and let in once', async () => {
  const count = 20;
  const logins = Array.from({ length: count }, () => stage.login());
  for (let answered = 0; answered < count; answered += 1) await approve(stage.page);
  const codes = await Promise.all(logins.map((ssh) => ssh.ended()));
  expect(codes).toEqual(Array.from({ length: count }, () => 0));
  // Which of several terminals on one server asked is a guess (spec/ssh.md), so the last word may stand in another one.
  for (const ssh of logins) expect(ssh.output).toMatch(/Palmkey ▶ asking Pixel…[\s\S]*logged-in/);
  const { signed, accepted, outcomes } = await since();
  expect({ signed, accepted, approved: outcomes.filter((outcome) => outcome === 'approved').length }).toEqual({
    signed: count,
    accepted: count,
    approved: count,
  });
  expect(outcomes).toHaveLength(count);
  await nothingAsks();
});

test('a server with another host key than the pinned one cannot be approved, until the pin is forgotten', async () => {
  await stage.sshd[Symbol.asyncDispose]();
  stage.sshd = await startSshd(join(stage.folder, 'sshd'), { port: stage.sshd.port, freshHostKey: true });
  before = { ...before, accepted: 0 };
  const refused = stage.login();
  await stage.page.getByRole('heading', { name: 'This is not the server you approved before' }).waitFor();
  await stage.page.getByText(stage.sshd.fingerprint).first().waitFor();
  expect(await approvals().count()).toBe(0);

  await stage.page.getByRole('link', { name: 'Look deeper' }).click();
  await stage.page.getByRole('heading', { name: 'The host key changed' }).waitFor();
  await stage.page.getByRole('checkbox').check();
  await hold(stage.page, 'Hold to forget the pinned key');
  expect(await refused.ended()).not.toBe(0);
  expect(refused.output).toContain('Palmkey ▶ rejected on Pixel, going on with local keys');
  expect(await since()).toEqual({ signed: 0, accepted: 0, outcomes: ['rejected'] });

  const ssh = stage.login();
  await stage.page.getByText('New', { exact: true }).waitFor();
  await approve(stage.page);
  expect(await ssh.ended()).toBe(0);
  expect(await since()).toEqual({ signed: 1, accepted: 1, outcomes: ['rejected', 'approved'] });
});
