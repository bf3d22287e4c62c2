import { pino } from 'pino';
import { afterAll, describe, expect, test } from 'vitest';
import { GithubNameStore } from '../store/github-name-store.ts';
import { TestClock } from '../testing/test-clock.ts';
import { testableDialects, TestStores } from '../testing/test-stores.ts';
import { GuestList } from './guest-list.ts';

const ada = { id: 1, login: 'Ada' };
const bert = { id: 2, login: 'bert' };
const noMember = () => Promise.resolve(null);

describe.each(testableDialects)('a guest list, with a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());

  async function newStore() {
    const names = new GithubNameStore(await stores.open());
    const log: string[] = [];
    const logger = pino({ base: null }, { write: (line: string) => void log.push(line) });
    const list = (users: readonly string[], organisations: readonly string[] = []) =>
      new GuestList({ options: { users, organisations }, names, clock: new TestClock(), logger });
    return { list, log, names };
  }

  test('that is empty lets everybody in and keeps no name', async () => {
    const { list, names } = await newStore();
    expect(await list([]).judge(ada, noMember)).toBe('admitted');
    expect(await names.namesOf('user', ada.id)).toEqual([]);
  });

  test('lets in by login whatever its case, and nobody else', async () => {
    const { list, names } = await newStore();
    expect(await list(['aDA']).judge(bert, noMember)).toBe('sign-in-refused');
    expect(await list(['aDA']).judge(ada, noMember)).toBe('admitted');
    expect(await names.namesOf('user', ada.id)).toEqual(['ada']);
  });

  test('knows a person by number once they were let in, under another login and before whoever took theirs', async () => {
    const { list, log } = await newStore();
    const guests = list(['ada']);
    await guests.judge(ada, noMember);
    expect(await guests.judge({ id: ada.id, login: 'countess' }, noMember)).toBe('admitted');
    expect(log).toEqual([]);
    expect(await guests.judge({ id: bert.id, login: 'ada' }, noMember)).toBe('name-taken');
    expect(log).toHaveLength(1);
    expect(log[0]).toContain('"listed":"ada"');
    expect(log[0]).not.toContain('countess');
  });

  test('lets in who took a login where they are listed by another, or are of an organisation that is', async () => {
    const { list } = await newStore();
    await list(['ada']).judge(ada, noMember);
    const taker = { id: bert.id, login: 'ada' };
    expect(await list(['ada'], ['garden']).judge(taker, () => Promise.resolve(7))).toBe('admitted');
    await list(['bert']).judge(bert, noMember);
    expect(await list(['ada', 'bert']).judge(taker, noMember)).toBe('admitted');
  });

  test('holds an organisation to its number, and pins none by who is no member', async () => {
    const { list, names } = await newStore();
    const guests = list([], ['Garden']);
    expect(await guests.judge(ada, noMember)).toBe('sign-in-refused');
    expect(await guests.judge(ada, () => Promise.resolve(7))).toBe('admitted');
    expect(await guests.judge(bert, () => Promise.resolve(8))).toBe('name-taken');
    expect(await names.namesOf('organisation', 7)).toEqual(['garden']);
    expect(await names.namesOf('user', 7)).toEqual([]);
  });

  test('of two who show one name first at once, lets in one', async () => {
    const { list } = await newStore();
    const guests = list(['ada']);
    const verdicts = await Promise.all([1, 2, 3, 4].map((id) => guests.judge({ id, login: 'ada' }, noMember)));
    expect(verdicts.sort()).toEqual(['admitted', 'name-taken', 'name-taken', 'name-taken']);
  });

  test('forgets whom a name meant once it was off the list, and keeps the others', async () => {
    const { list, names } = await newStore();
    for (const guest of [ada, bert]) await list(['ada', 'bert'], ['garden']).judge(guest, noMember);
    await list([], ['garden']).judge(ada, () => Promise.resolve(7));
    expect(await list(['bert']).judge({ id: ada.id, login: 'x' }, noMember)).toBe('sign-in-refused');
    await list(['bert'], ['garden']).tidy();
    expect(await names.namesOf('user', ada.id)).toEqual([]);
    expect(await names.namesOf('user', bert.id)).toEqual(['bert']);
    expect(await names.namesOf('organisation', 7)).toEqual(['garden']);
    await list([]).tidy();
    expect(await names.namesOf('user', bert.id)).toEqual([]);
  });
});
