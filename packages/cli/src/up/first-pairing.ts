/** The pairing that `up` begins by itself: again and again on Enter, until a phone is there or the person turns to something else. */
import type { Host } from '@palmkey/host';
import { ControlClient } from '@palmkey/host/control';
import type { Cli } from '../cli.ts';
import { pair } from '../pairing/pair.ts';
import { pairingScreen } from '../pairing/screens.ts';
import { TypedLines } from '../pairing/typed-lines.ts';
import { print, printAside } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { pairingWords } from '../voice/pairing-words.ts';
import { codeOf, problemLines, wordsFor } from '../voice/problem.ts';

export interface FirstPairing {
  readonly host: Host;
  readonly controlSocket: string;
  /** Whether a phone could open the link. */
  readonly reachable: boolean;
}

/** Returns when a phone was paired, here or by another command, when nobody can type, or when the program is to stop. */
export async function firstPairing(options: FirstPairing, cli: Cli): Promise<void> {
  const lines = new TypedLines(cli.input);
  try {
    while (!cli.stopping.aborted) {
      const done = await attempt(options, lines, cli);
      if (done || !(await askedAgain(options.host, lines, cli))) return;
    }
  } finally {
    lines.close();
  }
}

/** Whether no further attempt is wanted. */
async function attempt(options: FirstPairing, lines: TypedLines, cli: Cli): Promise<boolean> {
  const control = await ControlClient.connect(options.controlSocket);
  try {
    const phone = await pair(control, {}, pairingScreen(cli, lines, options.reachable), cli.stopping);
    print(cli, paintFor(cli.output, cli.env).good(pairingWords.paired(phone.name)), '');
    return true;
  } catch (error) {
    if (cli.stopping.aborted) return true;
    const terminal = cli.input.isTTY === true;
    if (codeOf(error) === 'link-expired') {
      print(cli, terminal ? pairingWords.ranOut : pairingWords.ranOutPlain);
      return false;
    }
    printAside(cli, ...problemLines(wordsFor(error, cli.me), paintFor(cli.errors, cli.env)));
    if (codeOf(error) === 'no-input') return true;
    print(cli, terminal ? pairingWords.tryAgain : pairingWords.tryAgainPlain);
    return false;
  } finally {
    control.close();
  }
}

/** Waits for Enter; false when a phone was paired elsewhere in the meantime, the input has ended, or all is to stop. */
async function askedAgain(host: Host, lines: TypedLines, cli: Cli): Promise<boolean> {
  const elsewhere = new AbortController();
  const look = () => {
    if (host.status().phones.length > 0) elsewhere.abort();
  };
  const unsubscribe = host.onChange(look);
  try {
    look();
    return (await lines.next(AbortSignal.any([cli.stopping, elsewhere.signal]))) !== undefined;
  } catch {
    return false;
  } finally {
    unsubscribe();
  }
}
