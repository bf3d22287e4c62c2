import { useState } from 'react';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { nameProblem } from '../parts/name-problem.ts';
import { TextField } from '../parts/text-field.tsx';

/** Makes one more key under a name. */
export function AddKey() {
  const phone = usePhone();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [failed, setFailed] = useState(false);
  if (!open) {
    return (
      <Button icon="plus" wide onClick={() => setOpen(true)}>
        Make another key
      </Button>
    );
  }
  const problem = name === '' ? null : nameProblem(name);
  const close = () => {
    setOpen(false);
    setName('');
    setFailed(false);
  };
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (nameProblem(name) === null) phone.addKey(name.trim()).then(close, () => setFailed(true));
      }}
    >
      <TextField
        label="Name of the new key"
        autoFocus
        value={name}
        hint="Paired computers offer it at once. It also stands in its public key line."
        problem={failed ? 'The key could not be made. Try again.' : problem}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={nameProblem(name) !== null}>
          Make key
        </Button>
        <Button onClick={close}>Cancel</Button>
      </div>
    </form>
  );
}
