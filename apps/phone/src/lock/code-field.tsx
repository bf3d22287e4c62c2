import type { ComponentProps } from 'react';
import { TextField } from '../parts/text-field.tsx';

type Props = Omit<ComponentProps<typeof TextField>, 'onChange'> & { onCode: (code: string) => void };

/** A code of digits: hidden while typed, with the number keys on a phone. */
export function CodeField({ onCode, ...rest }: Props) {
  return (
    <TextField
      type="password"
      inputMode="numeric"
      autoComplete="off"
      onChange={(event) => onCode(event.target.value.replaceAll(/\s/g, ''))}
      {...rest}
    />
  );
}
