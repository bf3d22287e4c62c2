import type { ComponentProps } from 'react';
import { TextField } from '../parts/text-field.tsx';

type Props = Omit<ComponentProps<typeof TextField>, 'onChange'> & { onText: (text: string) => void };

/** A passphrase: hidden while typed, and nothing that the browser is to complete or keep. */
export function PassphraseField({ onText, ...rest }: Props) {
  return (
    <TextField
      type="password"
      autoComplete="off"
      autoCapitalize="none"
      onChange={(event) => onText(event.target.value)}
      {...rest}
    />
  );
}
