import { beforeEach, describe, expect, test } from 'vitest';
import { until } from './testing/fake-browser.ts';
import { PairedPhone } from './testing/paired-phone.ts';

let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.create();
});

const names = () => phone.snapshot.keys.map(({ name }) => name);

describe('keys that are added at the same time', () => {
  test('each have their time, and keep their order over a reload', async () => {
    const { engine } = phone.tab;
    await Promise.all(['A', 'B', 'C', 'D'].map((name) => engine.addKey(name)));
    const before = names();
    expect(new Set(phone.snapshot.keys.map(({ createdAt }) => createdAt)).size).toBe(5);
    await phone.reload();
    expect(names()).toEqual(before);
  });

  test('are no more than a greeting carries', async () => {
    const { engine } = phone.tab;
    const added = await Promise.allSettled(Array.from({ length: 65 }, (_, n) => engine.addKey(`key ${n}`)));
    const refused = added.filter(({ status }) => status === 'rejected');
    expect([refused.length, names().length]).toEqual([2, 64]);
    expect(refused[0]).toMatchObject({ reason: { code: 'too-many-keys' } });
    await until('told', () => phone.host.heard.some((each) => each.kind === 'here' && each.keys?.length === 64));
  });
});

test('a key that is renamed while it is taken away does not come back', async () => {
  const { engine } = phone.tab;
  await engine.addKey('Home');
  const id = phone.snapshot.keys[1]?.id ?? '';
  await Promise.all([engine.renameKey(id, 'House'), engine.removeKey(id), engine.renameKey(id, 'Hut')]);
  expect(names()).toEqual(['Work']);
  await phone.reload();
  expect(names()).toEqual(['Work']);
});
