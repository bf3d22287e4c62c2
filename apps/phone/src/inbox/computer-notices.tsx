import { clockNotices } from '../computers/clock-words.ts';
import { MuteSheet, mutedWords } from '../computers/mute.tsx';
import { updateWords } from '../computers/update-words.ts';
import type { HexId } from '../model/hex-id.ts';
import type { ComputerView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { formatAgo } from '../parts/format.ts';
import { Notice } from '../parts/notice.tsx';
import { useNow } from '../parts/use-now.ts';

function Flooded({ computer, now }: { computer: ComputerView; now: number }) {
  const { flooded, name } = computer;
  if (flooded === null) return null;
  return (
    <Notice
      tone="unusual"
      title={`${name} asks too often`}
      actions={<MuteSheet computer={computer} trigger={<Button>Mute {name}</Button>} />}
    >
      <p>
        {flooded.refused === 1 ? 'One request was' : `${flooded.refused} requests were`} refused without being shown,
        the first {formatAgo(flooded.since, now)}. Look at what runs there.
      </p>
    </Notice>
  );
}

function Muted({ computer, now }: { computer: ComputerView; now: number }) {
  const phone = usePhone();
  if (computer.mutedUntil === null) return null;
  return (
    <Notice
      tone="calm"
      title={`${computer.name} is muted`}
      actions={<Button onClick={() => void phone.unmuteComputer(computer.id)}>Unmute {computer.name}</Button>}
    >
      <p>{mutedWords(computer.mutedUntil, now)}. Everything it asks is refused.</p>
    </Notice>
  );
}

function Update({ computer }: { computer: ComputerView }) {
  const words = updateWords(computer);
  if (words === null) return null;
  return (
    <Notice tone="unusual" title={words.title}>
      <p>{words.text}</p>
    </Notice>
  );
}

/** Computers that need a look: of another time, one that asks too often, that is muted, that speaks another version. */
export function ComputerNotices({ only }: { only?: HexId }) {
  const { computers } = useModel();
  const now = useNow();
  const notable = computers.filter(
    ({ id, flooded, mutedUntil, update }) =>
      (only === undefined || id === only) && (flooded !== null || mutedUntil !== null || update !== null),
  );
  const clocks = clockNotices(computers).filter(({ key }) => only === undefined || key === 'this' || key === only);
  if (notable.length === 0 && clocks.length === 0) return null;
  return (
    <div className="space-y-3">
      {clocks.map(({ key, title, text }) => (
        <Notice key={key} tone="unusual" title={title}>
          <p>{text}</p>
        </Notice>
      ))}
      {notable.map((computer) => (
        <div key={computer.id} className="space-y-3">
          {computer.mutedUntil === null && <Flooded computer={computer} now={now} />}
          <Muted computer={computer} now={now} />
          <Update computer={computer} />
        </div>
      ))}
    </div>
  );
}
