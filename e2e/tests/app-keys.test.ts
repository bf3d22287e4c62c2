/** Keys of three types on one phone: made on its screen, offered by the computer, taken by a real sshd; one taken away. */
import type { KeyFact } from '@palmkey/host/control';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { palmkey } from '../lib/palmkey.ts';
import { answer, nothingAsks } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());

async function goTo(place: string): Promise<void> {
  await stage.page.getByRole('navigation').getByRole('link', { name: place }).click();
}

async function keysOfComputer(): Promise<KeyFact[]> {
  const { stdout } = await palmkey(stage.home, 'keys', '--json');
  return JSON.parse(stdout) as KeyFact[];
}

/** The key of that comment, once the phone has told the computer of it. */
async function keyCalled(name: string): Promise<KeyFact> {
  const found = async () => (await keysOfComputer()).find(({ comment }) => comment === name);
  await expect.poll(found, { timeout: 20_000 }).toBeDefined();
  return (await found())!;
}

describe.each([
  ['P-256', 'Console', 'ecdsa-sha2-nistp256'],
  ['RSA 4096', 'Old router', 'ssh-rsa'],
])('a key of type %s', (label, name, type) => {
  let key: KeyFact;

  test('is made on the phone and told to the computer', async () => {
    const { page } = stage;
    await goTo('Keys');
    await page.getByRole('button', { name: 'Make another key' }).click();
    await page.getByLabel('Name of the new key').fill(name);
    await page.getByText(label, { exact: true }).click();
    await page.getByRole('button', { name: 'Make key' }).click();
    await page.getByRole('link', { name: new RegExp(name) }).waitFor({ timeout: 60_000 });
    key = await keyCalled(name);
    expect(key.type).toBe(type);
  });

  test('logs in to a server that takes nothing else', async () => {
    await goTo('Inbox');
    stage.sshd.authorize([key.line]);
    const before = stage.accepted();
    const ssh = stage.login();
    const slip = await answer(stage.page);
    expect(slip.fact('Key')).toContain(name);
    expect(await ssh.ended()).toBe(0);
    expect(stage.accepted()).toBe(before + 1);
    await nothingAsks(stage.page);
  });
});

test('a key that is taken away is offered no more', async () => {
  const { page } = stage;
  await goTo('Keys');
  await page.getByRole('link', { name: /Console/ }).click();
  await page.getByRole('button', { name: 'Remove this key' }).click();
  const hold = page.getByRole('dialog').getByRole('button', { name: /remove/i });
  await hold.hover();
  await page.mouse.down();
  await page.getByRole('button', { name: 'Make another key' }).waitFor();
  await page.mouse.up();
  expect(await page.getByRole('link', { name: /Console/ }).count()).toBe(0);
  await expect
    .poll(async () => (await keysOfComputer()).map(({ comment }) => comment), { timeout: 20_000 })
    .not.toContain('Console');
});
