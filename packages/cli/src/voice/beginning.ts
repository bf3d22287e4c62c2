import type { Paint } from './paint.ts';
import { table } from './table.ts';

/** What a person sees who types `palmkey` while nothing runs. */
export function beginning(me: string, paint: Paint): string[] {
  const steps = [
    [paint.command(`${me} up`), 'starts it: relay, app and this computer’s agent'],
    [paint.command(`${me} pair`), 'brings a phone to this computer; its link opens by itself the first time'],
    [paint.command(`${me} setup`), 'lets ssh ask the phone'],
    [paint.command(`${me} keys copy user@host`), 'brings the phone’s key to a server'],
  ];
  return [
    `${paint.strong('Palmkey')}  Your keys live on your phone. This computer asks.`,
    '',
    'It is not running here. To begin:',
    '',
    ...table(steps, 2),
    '',
    paint.quiet(`${me} help lists every command.`),
  ];
}
