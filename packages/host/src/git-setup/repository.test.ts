import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { remoteOf, withoutCredentials } from './repository.ts';
import { parseSignArguments, readPublicKey } from './sign-arguments.ts';

test.each([
  ['https://ada:hunter2@example.org/site.git', 'https://example.org/site.git'],
  ['https://ghp_token@example.org/site.git', 'https://example.org/site.git'],
  ['https://a:b@c@example.org:8443/x@y', 'https://example.org:8443/x@y'],
  ['https://example.org/site.git?private_token=x#y', 'https://example.org/site.git'],
  ['ssh://git:secret@example.org:22/site', 'ssh://git@example.org:22/site'],
  ['git+ssh://git@example.org/site', 'git+ssh://git@example.org/site'],
  ['ftp://anonymous@example.org/', 'ftp://example.org/'],
  ['git@example.org:site.git', 'git@example.org:site.git'],
  ['/srv/site.git', '/srv/site.git'],
])('withoutCredentials of %s', (address, expected) => {
  expect(withoutCredentials(address)).toBe(expected);
});

describe('remoteOf', () => {
  const config = (...lines: [string, string][]) => lines.map(([name, value]) => `${name}\n${value}\0`).join('');
  const both = config(['remote.origin.url', 'o'], ['remote.fork.url', 'f'], ['branch.main.remote', 'fork']);

  test.each([
    [both, 'main', 'f'],
    [both, 'side', 'o'],
    [both, null, 'o'],
    [config(['remote.up.url', 'u']), null, 'u'],
    [config(['remote.up.url', 'u'], ['remote.fork.url', 'f']), null, null],
    [config(['remote.origin.url', 'one'], ['remote.origin.url', 'two']), null, 'one'],
    ['', 'main', null],
  ])('%j on %s is %s', (text, branch, expected) => {
    expect(remoteOf(text, branch)).toBe(expected);
  });
});

describe('parseSignArguments', () => {
  const sign = ['-Y', 'sign', '-n', 'git', '-f'];
  test.each([
    [[...sign, 'key', 'text'], { keyFile: 'key', textFile: 'text' }],
    [[...sign, 'key', '-U', 'text'], { keyFile: 'key', textFile: 'text' }],
    [[...sign, 'key'], null],
    [[...sign, 'key', '-U'], null],
    [[...sign, 'key', 'text', 'more'], null],
    [[...sign, 'key', '-'], null],
    [['-Y', 'sign', '-n', 'file', '-f', 'key', 'text'], null],
    [['-Y', 'verify', '-n', 'git', '-f', 'key', 'text'], null],
    [[], null],
  ])('%j', (args, expected) => expect(parseSignArguments(args)).toEqual(expected));
});

test('readPublicKey reads a public key, or the one beside a private one', () => {
  using folder = tempFolder();
  const line = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  writeFileSync(folder.at('literal'), line);
  writeFileSync(folder.at('private'), '-----BEGIN OPENSSH PRIVATE KEY-----\n');
  expect(readPublicKey(folder.at('literal'))).toHaveLength(51);
  expect(readPublicKey(folder.at('private'))).toBeNull();
  writeFileSync(folder.at('private.pub'), `${line} ada@laptop\n`);
  expect(readPublicKey(folder.at('private'))).toHaveLength(51);
  expect(readPublicKey(folder.at('nowhere'))).toBeNull();
});
