import { isAccountDeviceName } from '@palmkey/core/account';
import { useState } from 'react';
import { defaultDeviceName } from '../first-run/default-names.ts';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/text-field.tsx';

const problems = {
  'bad-account-name': 'Use 3 to 64 letters and digits, with single spaces or hyphens between them.',
  'name-taken': 'A device of your account has, or had, that name. Choose another.',
} as const;

interface Props {
  /** Of the name that was given last. */
  problem: null | keyof typeof problems;
  busy: boolean;
  button: string;
  onName: (name: string) => void;
}

/** How the account's devices will know this one: by a name that no other has, or had. */
export function NameForm({ problem, busy, button, onName }: Props) {
  const [name, setName] = useState(() => defaultDeviceName(navigator.userAgent));
  const [given, setGiven] = useState<string | null>(null);
  const trimmed = name.trim();
  const fine = isAccountDeviceName(trimmed);
  // What the other side says of a name holds until another one is there.
  const said = fine ? (problem !== null && trimmed === given ? problem : null) : 'bad-account-name';
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!fine || busy) return;
        setGiven(trimmed);
        onName(trimmed);
      }}
    >
      <TextField
        label="This device"
        value={name}
        hint="Your other devices and your computers will call it so. The name stays."
        problem={said === null ? null : problems[said]}
        readOnly={busy}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" look="primary" wide className="min-h-14" disabled={!fine || busy}>
        {button}
      </Button>
    </form>
  );
}
