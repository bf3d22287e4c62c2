import { useId, useState } from 'react';
import type { KeyType } from '../model/model.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { nameProblem } from '../parts/name-problem.ts';
import { TextField } from '../parts/text-field.tsx';

const choices: readonly { type: KeyType; label: string; hint: string }[] = [
  { type: 'ssh-ed25519', label: 'Ed25519', hint: 'Recommended. Every server since 2014.' },
  { type: 'ecdsa-sha2-nistp256', label: 'P-256', hint: 'Where Ed25519 is not allowed.' },
  { type: 'ssh-rsa', label: 'RSA 4096', hint: 'For old servers. Takes some seconds to make.' },
];

function Making({ type }: { type: KeyType }) {
  return (
    <div role="status" className="space-y-3">
      <p className="font-medium">Making your key…</p>
      <div aria-hidden="true" className="h-1 overflow-hidden rounded-full bg-line">
        <div className="h-full w-1/3 animate-pulse bg-accent" />
      </div>
      {type === 'ssh-rsa' && <p className="text-muted">An RSA key takes some seconds. Leave this page open.</p>}
    </div>
  );
}

/** Makes one more key, of a type, under a name. */
export function AddKey() {
  const phone = usePhone();
  const group = useId();
  const [state, setState] = useState<'closed' | 'open' | 'making' | 'failed'>('closed');
  const [name, setName] = useState('');
  const [type, setType] = useState<KeyType>('ssh-ed25519');
  if (state === 'closed') {
    return (
      <Button icon="plus" wide onClick={() => setState('open')}>
        Make another key
      </Button>
    );
  }
  if (state === 'making') return <Making type={type} />;
  const problem = name === '' ? null : nameProblem(name);
  const close = () => {
    setState('closed');
    setName('');
    setType('ssh-ed25519');
  };
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (nameProblem(name) !== null) return;
        setState('making');
        phone.addKey(name.trim(), type).then(close, () => setState('failed'));
      }}
    >
      <TextField
        label="Name of the new key"
        autoFocus
        value={name}
        hint="Paired computers offer it at once. It also stands in its public key line."
        problem={state === 'failed' ? 'The key could not be made. Try again.' : problem}
        onChange={(event) => setName(event.target.value)}
      />
      <fieldset>
        <legend className="mb-2 font-medium">Kind</legend>
        <div className="flex flex-col gap-2">
          {choices.map((choice) => (
            <Choice
              key={choice.type}
              name={group}
              checked={choice.type === type}
              label={choice.label}
              hint={choice.hint}
              onChoose={() => setType(choice.type)}
            />
          ))}
        </div>
      </fieldset>
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={nameProblem(name) !== null}>
          Make key
        </Button>
        <Button onClick={close}>Cancel</Button>
      </div>
    </form>
  );
}
