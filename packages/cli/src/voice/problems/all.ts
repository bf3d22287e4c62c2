/** Every fault that has words. */
import { commandProblems, systemProblems } from './command.ts';
import { controlProblems, startProblems } from './daemon.ts';
import { gitSetupProblems } from './git.ts';
import { offerProblems } from './offers.ts';
import { pairingProblems } from './pairing.ts';
import { passphraseProblems } from './passphrase.ts';
import { relayProblems } from './relay.ts';
import { relayClientProblems } from './relay-client.ts';
import { relayBackupProblems, relayOperatorProblems } from './relay-operator.ts';
import { relaySettingProblems } from './relay-settings.ts';
import { relayStartProblems } from './relay-start.ts';
import { serviceProblems } from './service.ts';
import { setupProblems } from './setup.ts';
import type { Say } from './words.ts';

/** One code may belong to two families (`timed-out`): the earlier one speaks. */
const families: readonly Readonly<Record<string, Say>>[] = [
  commandProblems,
  controlProblems,
  startProblems,
  relayStartProblems,
  relaySettingProblems,
  relayOperatorProblems,
  relayBackupProblems,
  pairingProblems,
  passphraseProblems,
  setupProblems,
  offerProblems,
  gitSetupProblems,
  serviceProblems,
  relayProblems,
  relayClientProblems,
  systemProblems,
];

/** The words for a stable code, or undefined when it has none. */
export function sayFor(code: string): Say | undefined {
  return families.find((family) => Object.hasOwn(family, code))?.[code];
}

/** The words for a relay's code or `unreachable`, as `RelayFact.problem` holds it. */
export function sayForRelay(code: string): Say | undefined {
  const family: Readonly<Record<string, Say>> = relayProblems;
  return Object.hasOwn(family, code) ? family[code] : sayFor(code);
}
