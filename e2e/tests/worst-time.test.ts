/** Worst cases of time: clocks that are an hour apart, and requests that end while their screen is open. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { approve } from '../lib/approve.ts';
import { openBrowser } from '../lib/browser.ts';
import { palmkey } from '../lib/palmkey.ts';
import { Stage } from '../lib/stage.ts';

const hour = 3_600_000;
let stage: Stage;
let before: { signed: number; accepted: number; outcomes: (string | null)[] };

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(() => note());

async function note(): Promise<void> {
  before = { signed: stage.browser.signed(), accepted: stage.accepted(), outcomes: await stage.outcomes() };
}

async function since() {
  // A log that is sorted by a clock that was set has new lines anywhere.
  const outcomes = await stage.outcomes();
  for (const outcome of before.outcomes) outcomes.splice(outcomes.indexOf(outcome), 1);
  return {
    signed: stage.browser.signed() - before.signed,
    accepted: stage.accepted() - before.accepted,
    outcomes,
  };
}

/** The same phone in a browser whose clock is off. */
async function restartPhone(shiftMs: number): Promise<void> {
  await stage.browser[Symbol.asyncDispose]();
  stage.browser = await openBrowser(join(stage.folder, 'phone'));
  await stage.browser.context.addInitScript((shift) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + shift;
  }, shiftMs);
  await stage.page.goto(stage.origin);
  await stage.page.getByText('Nothing is asking.').waitFor();
}

async function logIn(): Promise<void> {
  await note();
  const ssh = stage.login();
  await approve(stage.page);
  expect(await ssh.ended()).toBe(0);
  expect(await since()).toEqual({ signed: 1, accepted: 1, outcomes: ['approved'] });
}

/** A login that is refused for its time, with the skew in words on both sides. `side`: where the computer's clock is. */
async function refusedLogin(side: 'ahead' | 'behind'): Promise<void> {
  await note();
  const ssh = stage.login();
  expect(await ssh.ended()).not.toBe(0);
  const terminal = side === 'ahead' ? 'ahead of' : 'behind';
  expect(ssh.output).toContain(
    `Palmkey ▶ Pixel refused: this computer’s clock is 1 h ${terminal} the phone’s. Set the wrong one, going on with local keys`,
  );
  expect(await stage.page.getByRole('button', { name: /approve/i }).count()).toBe(0);
  await stage.page
    .getByRole('link', { name: /Refused/ })
    .first()
    .click();
  await stage.page
    .getByText(new RegExp(`The clock of \\S+ is 1 h ${side} of this device's, so this request was refused`))
    .waitFor();
  expect(await since()).toEqual({ signed: 0, accepted: 0, outcomes: ['failed'] });
  expect((await palmkey(stage.home, 'log')).stdout).toContain(
    `failed: this computer’s clock is 1 h ${terminal} the phone’s`,
  );
}

describe('an hour between the clocks', () => {
  test.each([
    ['ahead', hour, 'behind'],
    ['behind', -hour, 'ahead'],
  ] as const)(
    'the phone’s %s: refused with the skew in words, and good again once it is set',
    async (_, shiftMs, side) => {
      await restartPhone(shiftMs);
      const said = () => stage.page.getByText(/^This device’s clock is 1\sh (ahead of|behind) \S+’s$/);
      await said().waitFor();
      expect(await said().textContent()).toContain(side === 'behind' ? 'ahead of' : 'behind');
      await refusedLogin(side);
      await restartPhone(0);
      await logIn();
      await said().waitFor({ state: 'detached' });
    },
  );

  test.each([
    ['ahead', hour],
    ['behind', -hour],
  ] as const)(
    'the computer’s %s: refused with the skew in words, and good again once it is set',
    async (side, shiftMs) => {
      await stage.restartHost({ shiftMs });
      await stage.page.goto(stage.origin);
      await refusedLogin(side);
      await stage.restartHost();
      await stage.page.goto(stage.origin);
      await logIn();
    },
  );
});

describe('a request whose time ends while its screen is open', () => {
  const buttons = () => stage.page.getByRole('button', { name: /approve|reject/i }).count();

  describe('at the computer', () => {
    // Ten times as fast: 60 s for the person's answer pass in 6.
    beforeAll(async () => {
      await stage.restartHost({ pace: 10 });
      await stage.page.goto(stage.origin);
    });
    afterAll(() => stage.restartHost());

    test('cannot be answered any more, and ssh goes on', async () => {
      const ssh = stage.login();
      await ssh.prints(/Palmkey ▶ Pixel has it, waiting for you…/);
      expect(await buttons()).toBe(2);
      expect(await ssh.ended()).not.toBe(0);
      expect(ssh.output).toContain('Palmkey ▶ no answer on Pixel in time, going on with local keys');
      await stage.page.getByText('This request has expired').waitFor();
      await stage.page.getByText(/Nothing was signed\. Run the command on \S+ again if you still want it\./).waitFor();
      expect(await buttons()).toBe(0);
      expect(await since()).toEqual({ signed: 0, accepted: 0, outcomes: ['expired'] });
    });
  });

  describe('at the phone', () => {
    beforeAll(async () => {
      await stage.page.clock.install();
      await stage.page.goto(stage.origin);
      await stage.page.getByText('Nothing is asking.').waitFor();
    });
    afterEach(() => restartPhone(0));

    test('cannot be answered any more, and ssh can be ended', async () => {
      const ssh = stage.login();
      await ssh.prints(/Palmkey ▶ Pixel has it, waiting for you…/);
      await expect.poll(buttons).toBe(2);
      await stage.page.clock.fastForward(95_000);
      await stage.page.getByText('This request has expired').waitFor();
      expect(await buttons()).toBe(0);
      ssh.write('\u0003');
      expect(await ssh.ended()).not.toBe(0);
      expect(await since()).toEqual({ signed: 0, accepted: 0, outcomes: ['withdrawn'] });
    });
  });

  test('and after all that the next login works', async () => {
    await logIn();
  });
});
