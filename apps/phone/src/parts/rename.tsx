import { useState } from 'react';
import { Button } from './button.tsx';
import { nameProblem } from './name-problem.ts';
import { TextField } from './text-field.tsx';

interface Props {
  label: string;
  name: string;
  hint?: string;
  onRename: (name: string) => Promise<void>;
}

/** A name that can be changed in place; saves on the button or Enter. */
export function Rename({ label, name, hint, onRename }: Props) {
  const [draft, setDraft] = useState(name);
  const [failed, setFailed] = useState(false);
  const changed = draft.trim() !== name;
  const problem = changed ? nameProblem(draft) : null;
  const save = () => {
    setFailed(false);
    onRename(draft.trim()).catch(() => setFailed(true));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && problem === null) save();
      }}
    >
      <TextField
        label={label}
        value={draft}
        {...(hint === undefined ? {} : { hint })}
        problem={failed ? 'The name could not be saved. Try again.' : problem}
        onChange={(event) => setDraft(event.target.value)}
      />
      {changed && (
        <div className="mt-2 flex gap-2">
          <Button type="submit" look="primary" disabled={problem !== null}>
            Save name
          </Button>
          <Button onClick={() => setDraft(name)}>Cancel</Button>
        </div>
      )}
    </form>
  );
}
