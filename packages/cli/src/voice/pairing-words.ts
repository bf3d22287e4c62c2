/** What is said while a phone and this computer meet. */
import type { Paint } from './paint.ts';
import { visible } from './visible.ts';

export interface LinkWords {
  readonly url: string;
  /** Lines of a QR code, when one is shown. */
  readonly qr: readonly string[] | undefined;
  /** Whether a phone can open the link. */
  readonly reachable: boolean;
  readonly me: string;
}

/** The link, and how to use it. */
export function linkLines({ url, qr, reachable, me }: LinkWords, paint: Paint): string[] {
  if (reachable && qr !== undefined) {
    return [
      '',
      'Scan this with your phone’s camera:',
      '',
      ...qr,
      '',
      'or open this link there:',
      '',
      paint.command(url),
      '',
    ];
  }
  if (reachable)
    return ['', 'Open this link on your phone (it is too long for a QR code here):', '', paint.command(url), ''];
  return [
    '',
    'Open this link in a browser on this computer:',
    '',
    paint.command(url),
    '',
    paint.quiet('A phone cannot reach localhost, and at a plain http address a browser gives a page'),
    paint.quiet(`neither camera nor key store. For a phone: ${me} up --public-url https://…`),
    '',
  ];
}

export const pairingWords = {
  waiting: 'Waiting for it to be opened…',
  arrived: 'The link was opened. The code comes next.',
  ask: (phone: string) => `Type the six digits that ${visible(phone)} shows`,
  askAgain: (phone: string, left: number) =>
    `That is not the code on ${visible(phone)}. ${left === 1 ? 'One more try' : `${left} more tries`}`,
  sixDigits: 'A code is six digits.',
  finishing: 'The code is right. Finishing…',
  paired: (phone: string) => `Paired with ${visible(phone)}.`,
  ranOut: 'The link ran out: it is good for 10 minutes. Press Enter for a new one.',
  ranOutPlain: 'The link ran out: it is good for 10 minutes. An empty line makes a new one.',
  tryAgain: 'Press Enter to start another pairing.',
  tryAgainPlain: 'An empty line starts another pairing.',
} as const;
