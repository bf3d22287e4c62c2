import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { TestDisk } from '../testing/test-disk.ts';
import { KnownServers, MAX_SERVERS } from './known-servers.ts';

let folder: ReturnType<typeof tempFolder>;
beforeEach(() => (folder = tempFolder()));
afterEach(() => folder[Symbol.dispose]());

const [k1, k2] = ['1', '2'].map((digit) => `SHA256:${digit.repeat(43)}`) as [string, string];

describe('KnownServers', () => {
  const open = (disk?: TestDisk) => new KnownServers(folder.at('servers.json'), disk);
  const server = (i: number) => `SHA256:${String(i).padStart(43, '0')}`;
  test('keeps which keys worked, the latest first, five of one server', () => {
    const servers = open();
    for (let i = 0; i < 7; i++) servers.learn(server(1), server(100 + i));
    servers.learn(server(1), server(103));
    expect(open().workedOn(server(1))).toEqual([103, 106, 105, 104, 102].map(server));
    expect(open().workedOn(server(2))).toEqual([]);
  });
  test('a thousand servers; those of the longest time ago are forgotten', () => {
    const many = Array.from({ length: MAX_SERVERS }, (_, i) => ({ server: server(i), keys: [k1] }));
    writeFileSync(folder.at('servers.json'), JSON.stringify({ v: 1, servers: many }), { mode: 0o600 });
    const servers = open();
    servers.learn(server(0), k1);
    servers.learn(server(5000), k1);
    expect([0, 1, 2, 5000].map((i) => open().workedOn(server(i)).length)).toEqual([1, 0, 1, 1]);
  });
  test('the same again is not written', () => {
    const disk = new TestDisk();
    const servers = open(disk);
    servers.learn(server(1), k1);
    disk.full = true;
    servers.learn(server(1), k1);
    expect(() => servers.learn(server(1), k2)).toThrow(expect.objectContaining({ code: 'not-writable' }));
    expect(servers.workedOn(server(1))).toEqual([k2, k1]);
    expect(open().workedOn(server(1))).toEqual([k1]);
  });
});
