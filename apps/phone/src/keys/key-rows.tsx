import { Link } from '@tanstack/react-router';
import type { KeyView } from '../model/model.ts';
import { KeySeal } from '../parts/key-seal.tsx';
import { keyTypeWords } from '../parts/key-words.ts';
import { Literal } from '../parts/literal.tsx';
import { rowClass, RowContent, Rows } from '../parts/row.tsx';

export function KeyRows({ keys }: { keys: readonly KeyView[] }) {
  return (
    <Rows>
      {keys.map((key) => (
        <li key={key.id}>
          <Link to="/keys/$id" params={{ id: key.id }} className={rowClass}>
            <RowContent picture={<KeySeal fingerprint={key.fingerprint} size={44} />} title={key.name}>
              {keyTypeWords(key.type)} · <Literal text={key.fingerprint} />
            </RowContent>
          </Link>
        </li>
      ))}
    </Rows>
  );
}
