/** The two kinds of place where a person types a code: a terminal, and a pipe. */
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { print } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { linkLines, pairingWords } from '../voice/pairing-words.ts';
import { drawQr, isLightTerminal, maxQrColumns } from '../voice/qr.ts';
import { parseCode, type PairingScreen } from './pairing-screen.ts';
import { TypedLines } from './typed-lines.ts';

/**
 * The screen that fits where the program runs. `lines` are the typed ones, where there is no terminal; `reachable` says
 * whether a phone could open the link, which then comes as a QR code too.
 */
export function pairingScreen(cli: Cli, lines: TypedLines, reachable: boolean): PairingScreen {
  const common = {
    link: (url: string) => showLink(url, reachable, cli),
    arrived: () => print(cli, pairingWords.arrived),
    finishing: () => print(cli, pairingWords.finishing),
  };
  if (cli.input.isTTY === true) return { ...common, askCode: (...question) => askOnTerminal(cli, ...question) };
  return { ...common, askCode: (...question) => askOnPipe(cli, lines, ...question) };
}

function showLink(url: string, reachable: boolean, cli: Cli): void {
  const columns = cli.output.columns ?? maxQrColumns;
  const qr = reachable ? drawQr(url, { columns, light: isLightTerminal(cli.env.COLORFGBG) }) : undefined;
  const paint = paintFor(cli.output, cli.env);
  print(cli, ...linkLines({ url, qr, reachable, me: cli.me }, paint), pairingWords.waiting);
}

async function askOnTerminal(cli: Cli, attempt: number, phone: string, signal: AbortSignal): Promise<string> {
  const { isCancel, text } = await import('@clack/prompts');
  const answer = await text({
    message: attempt === 1 ? pairingWords.ask(phone) : pairingWords.askAgain(phone, 4 - attempt),
    validate: (typed) => (parseCode(typed ?? '') === undefined ? pairingWords.sixDigits : undefined),
    input: cli.input,
    output: cli.output,
    signal,
    withGuide: false,
  });
  signal.throwIfAborted();
  // The prompt swallows Ctrl-C, which means here what it means everywhere.
  if (isCancel(answer)) {
    cli.interrupt();
    throw new CliError('no-input');
  }
  return parseCode(answer) ?? '';
}

async function askOnPipe(
  cli: Cli,
  lines: TypedLines,
  attempt: number,
  phone: string,
  signal: AbortSignal,
): Promise<string> {
  print(cli, attempt === 1 ? `${pairingWords.ask(phone)}:` : `${pairingWords.askAgain(phone, 4 - attempt)}:`);
  for (;;) {
    const line = await lines.next(signal);
    if (line === undefined) throw new CliError('no-input');
    const code = parseCode(line);
    if (code !== undefined) return code;
    print(cli, pairingWords.sixDigits);
  }
}
