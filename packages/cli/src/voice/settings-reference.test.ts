import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environmentName, fileKey, flagName, settingNames } from '@palmkey/relay/settings';
import { expect, it } from 'vitest';
import { run } from '../run.ts';
import { testCli } from '../testing/test-cli.ts';
import { withReference } from './settings-reference.ts';

const page = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../../docs/${name}`, import.meta.url)), 'utf8');

it('the operators’ page holds the settings as they are', () => {
  expect(withReference(page('operators.md'))).toBe(page('operators.md'));
});

it('a page without a place for the settings is refused', () => {
  expect(() => withReference('# Nothing')).toThrow('no place');
});

it('what the pages name is there', async () => {
  const keys = settingNames.flatMap((name) => [name, fileKey(name)]);
  const environment = new Set(['PALMKEY_RELAY_CONFIG', ...keys.map(environmentName)]);
  for (const name of ['self-hosting.md', 'operators.md']) {
    const text = page(name);
    expect((text.match(/PALMKEY_RELAY_[A-Z_]+[A-Z]/g) ?? []).filter((word) => !environment.has(word))).toEqual([]);
    for (const [, path = '', options = ''] of text.matchAll(/(?:^|[` ])palmkey ((?:[a-z]+ ?)+)((?: ?--[^`\n]*)?)/gm)) {
      const cli = testCli();
      const words = path.trim().split(' ');
      const command = words.slice(0, words[0] === 'relay' || words[0] === 'service' ? 2 : 1);
      expect([path, await run([...command, '--help'], cli)]).toEqual([path, 0]);
      for (const [option] of options.matchAll(/--[a-z-]+/g)) {
        const offered = cli.printed().includes(option) || keys.map(flagName).includes(option);
        expect([path, option, offered]).toEqual([path, option, true]);
      }
    }
  }
});
