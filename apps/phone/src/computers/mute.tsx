import type { ReactElement } from 'react';
import type { HexId } from '../model/hex-id.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { formatDay, formatTime } from '../parts/format.ts';
import { Notice } from '../parts/notice.tsx';
import { Sheet, SheetClose } from '../parts/sheet.tsx';

const hourMs = 3_600_000;

/** How long until 6 in the morning of the next day. */
function untilTomorrow(now: number): number {
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(6, 0, 0, 0);
  return morning.getTime() - now;
}

/** Until when a computer is muted, in words. */
export function mutedWords(until: number, now: number): string {
  if (!Number.isFinite(until)) return 'Muted until you unmute it';
  const day = formatDay(until, now);
  return `Muted until ${day === 'Today' ? '' : `${day}, `}${formatTime(until)}`;
}

type Pressable = ReactElement<{ onClick?: () => void }>;

/** Asks for how long. */
export function MuteSheet({
  computer: { id, name },
  trigger,
}: {
  computer: { id: HexId; name: string };
  trigger: Pressable;
}) {
  const phone = usePhone();
  const choices = [
    { label: 'For 1 hour', forMs: () => hourMs },
    { label: 'Until tomorrow morning', forMs: () => untilTomorrow(Date.now()) },
    { label: 'Until I unmute it', forMs: () => Number.POSITIVE_INFINITY },
  ];
  return (
    <Sheet
      title={`Mute ${name}?`}
      trigger={trigger}
      actions={
        <>
          {choices.map(({ label, forMs }) => (
            <SheetClose key={label}>
              <Button onClick={() => void phone.muteComputer(id, forMs())}>{label}</Button>
            </SheetClose>
          ))}
          <SheetClose>
            <Button look="quiet">Do not mute</Button>
          </SheetClose>
        </>
      }
    >
      <p>
        Everything it asks is refused without being shown, also what you have allowed it. What waits of it now is
        refused too. Its terminal says that this device has muted it.
      </p>
    </Sheet>
  );
}

/** After two rejects in a row: the way to have peace from a computer. */
export function MuteOffer({ computer }: { computer: { id: HexId; name: string } }) {
  return (
    <Notice
      tone="standing"
      title={`You rejected ${computer.name} twice just now`}
      actions={<MuteSheet computer={computer} trigger={<Button>Mute this computer</Button>} />}
    >
      <p>If you did not start these, look at what runs there.</p>
    </Notice>
  );
}
