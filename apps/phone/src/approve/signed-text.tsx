import { useMemo } from 'react';
import type { GitView } from '../model/request-view.ts';
import { usePhone } from '../model/use-model.tsx';
import { PagedText } from '../parts/paged-text.tsx';

/** The whole text of a commit or tag, byte by byte as it is signed, in pages. */
export function SignedText({ git: { hash, unusual } }: { git: GitView }) {
  const phone = usePhone();
  const source = useMemo(
    () => ({
      total: phone.gitText(hash, 0, 1).total,
      read: (from: number, length: number) => phone.gitText(hash, from, length).text,
    }),
    [phone, hash],
  );
  return (
    <div className="rounded-xl bg-sunken p-4">
      <PagedText
        source={source}
        label="Pages of the whole text"
        hidden={unusual.includes('hidden-characters')}
        className="font-mono text-small"
      />
    </div>
  );
}
