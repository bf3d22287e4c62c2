import { Notice } from '../parts/notice.tsx';
import { PassphraseField } from './passphrase-field.tsx';
import { passphraseProblem, passphraseWarning } from './passphrase-words.ts';

/** A new passphrase as it stands in its two fields. */
export interface Typed {
  readonly text: string;
  readonly again: string;
}

interface Props {
  typed: Typed;
  onType: (typed: Typed) => void;
}

/** Two fields for a new passphrase, and what is to be said of it. */
export function NewPassphrase({ typed: { text, again }, onType }: Props) {
  const warning = passphraseWarning(text);
  return (
    <>
      <PassphraseField
        label="New passphrase"
        value={text}
        hint="8 characters or more. Nobody can give it back to you."
        problem={passphraseProblem(text)}
        onText={(next) => onType({ text: next, again })}
      />
      <PassphraseField
        label="The same again"
        value={again}
        problem={again !== '' && !text.startsWith(again) ? 'It differs from the first.' : null}
        onText={(next) => onType({ text, again: next })}
      />
      {warning !== null && (
        <Notice tone="unusual" title="Weak">
          <p>{warning}</p>
        </Notice>
      )}
    </>
  );
}
