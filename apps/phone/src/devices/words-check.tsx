import { useState } from 'react';
import { PanelText } from '../pair/panel-text.tsx';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { TextField } from '../parts/text-field.tsx';
import { chooseChecked } from './words-checked.ts';

interface Props {
  words: readonly string[];
  /** The words were right and could not be added. */
  failed: string | null;
  onRight: () => void;
  onBack: () => void;
}

/** Three of the words are asked for, so that the paper is there before the words count. */
export function WordsCheck({ words, failed, onRight, onBack }: Props) {
  const [asked] = useState(() => chooseChecked(words.length, (below) => Math.floor(Math.random() * below)));
  const [typed, setTyped] = useState<Record<number, string>>({});
  const [wrong, setWrong] = useState<readonly number[]>([]);
  const entered = (index: number) => (typed[index] ?? '').trim().toLowerCase();
  const check = () => {
    const missed = asked.filter((index) => entered(index) !== words[index]);
    setWrong(missed);
    if (missed.length === 0) onRight();
  };
  return (
    <PanelText title="Now from your paper">
      <p className="text-muted">Three of the words, to see that they are on it.</p>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          check();
        }}
      >
        {asked.map((index) => (
          <TextField
            key={index}
            label={`Word ${index + 1}`}
            autoCapitalize="none"
            autoCorrect="off"
            value={typed[index] ?? ''}
            problem={wrong.includes(index) ? 'That is another word. Look at your paper.' : null}
            onChange={(event) => {
              setTyped({ ...typed, [index]: event.target.value });
              setWrong(wrong.filter((each) => each !== index));
            }}
          />
        ))}
        {failed !== null && (
          <Notice tone="danger" title="The words are not in force">
            <p role="alert">{failed}</p>
          </Notice>
        )}
        <Button
          type="submit"
          look="primary"
          wide
          className="min-h-14"
          disabled={asked.some((index) => entered(index) === '')}
        >
          Use these words
        </Button>
      </form>
      <Button wide onClick={onBack}>
        Show the words again
      </Button>
    </PanelText>
  );
}
