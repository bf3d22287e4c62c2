import { abortReasons } from '@palmkey/core/pairing';
import { relayErrors } from '@palmkey/envelope';
import { ControlError } from '@palmkey/host/control';
import { describe, expect, it } from 'vitest';
import { cliCodes, CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { plainPaint } from './paint.ts';
import { problemLines, wordsFor } from './problem.ts';
import { sayFor, sayForRelay } from './problems/all.ts';
import { commandProblems, systemProblems } from './problems/command.ts';
import { controlCodes, controlProblems, startProblems } from './problems/daemon.ts';
import { gitSetupProblems, gitSignProblems } from './problems/git.ts';
import { offerProblems } from './problems/offers.ts';
import { pairingProblems } from './problems/pairing.ts';
import { passphraseCodes, passphraseProblems } from './problems/passphrase.ts';
import { relayClientProblems } from './problems/relay-client.ts';
import { relayBackupProblems, relayOperatorProblems } from './problems/relay-operator.ts';
import { relaySettingProblems } from './problems/relay-settings.ts';
import { relayStartProblems } from './problems/relay-start.ts';
import { relayProblems } from './problems/relay.ts';
import { serviceProblems } from './problems/service.ts';
import { setupProblems } from './problems/setup.ts';
import type { Say } from './problems/words.ts';

// That each family covers its union of codes is a matter of types (`satisfies Record<Code, Say>`); this walks what they say.
const families: Record<string, Record<string, Say>> = {
  commandProblems,
  systemProblems,
  controlProblems,
  startProblems,
  pairingProblems,
  passphraseProblems,
  offerProblems,
  relayProblems,
  relayStartProblems,
  relaySettingProblems,
  relayOperatorProblems,
  relayBackupProblems,
  relayClientProblems,
  setupProblems,
  gitSetupProblems,
  gitSignProblems,
  serviceProblems,
};

function expectWords(say: Say | undefined, detail = {}): void {
  const words = say?.(detail, 'palmkey');
  expect(words).toBeDefined();
  for (const text of [words?.problem ?? '', words?.todo ?? '']) {
    expect(text).not.toBe('');
    expect(text).not.toMatch(/undefined|null|\[object|\n|!|\.$/);
  }
  expect(words?.problem).toMatch(/^[^A-Z]|^Palmkey|^OpenSSH/);
  expect(Object.keys(exitCodes)).toContain(words?.exit);
}

describe('words', () => {
  for (const [name, family] of Object.entries(families)) {
    for (const [code, say] of Object.entries(family)) {
      it(`${name}: ${code}`, () => expectWords(say));
    }
  }

  it.each(abortReasons)('peer-aborted with the reason %s', (reason) => {
    expectWords(pairingProblems['peer-aborted'], { reason });
  });

  it.each([...cliCodes, ...controlCodes, ...passphraseCodes])('code %s is found', (code) => expectWords(sayFor(code)));

  it.each([...Object.keys(relayErrors), 'unreachable'])('relay code %s is found', (code) =>
    expectWords(sayForRelay(code)),
  );
});

describe('wordsFor', () => {
  it('takes facts from the error', () => {
    const { problem, exit } = wordsFor(new CliError('bad-port', { port: 'abc' }), 'palmkey');
    expect(problem).toBe('abc is not a port');
    expect(exit).toBe('usage');
  });

  it('shows control characters of a fact and does not send them', () => {
    const { problem } = wordsFor(new ControlError('no-such-phone', { phone: '\u001b[2J\u202ex' }), 'palmkey');
    expect(problem).toBe('no paired phone is called \\u{1b}[2J\\u{202e}x');
  });

  it('keeps the message of a fault that nobody foresaw', () => {
    expect(wordsFor(new TypeError('x is not a function'), 'palmkey')).toMatchObject({
      problem: 'something failed that should not: x is not a function',
      exit: 'failed',
    });
  });

  it('is two lines, the second set in', () => {
    expect(problemLines({ problem: 'it broke', todo: 'Mend it' }, plainPaint)).toEqual([
      'palmkey: it broke',
      '  Mend it',
    ]);
  });
});
