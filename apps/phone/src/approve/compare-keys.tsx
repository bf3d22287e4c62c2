import { chunksOf } from '../parts/chunks.tsx';
import { formatDate } from '../parts/format.ts';
import { useNow } from '../parts/use-now.ts';
import type { ChangedKey } from './changed-warning.tsx';

const size = 4;

/** `SHA256:` and the rest apart. */
export function splitPrint(fingerprint: string): { kind: string; digest: string } {
  const colon = fingerprint.indexOf(':');
  return { kind: fingerprint.slice(0, colon), digest: fingerprint.slice(colon + 1) };
}

function Column({ title, ink, text, other }: { title: string; ink: string; text: string; other: string }) {
  const { kind, digest } = splitPrint(text);
  const others = chunksOf(splitPrint(other).digest, size);
  return (
    <div className="min-w-0 flex-1 rounded-xl border border-line bg-paper p-3">
      <dt className={`font-semibold ${ink}`}>{title}</dt>
      <dd>
        <p aria-label={text} role="img" className="mt-2 grid justify-start gap-y-0.5 font-mono leading-7">
          <span className="text-small leading-7 text-muted">{kind}</span>
          {chunksOf(digest, size).map((chunk, row) => (
            <span key={row} className={others[row] === chunk ? 'text-muted' : 'font-semibold'}>
              {chunk}
              {others[row] === chunk && <span className="font-sans text-small font-normal"> same</span>}
            </span>
          ))}
        </p>
      </dd>
    </div>
  );
}

/** Old and new fingerprint beside each other, four letters to a line, so that eyes can go down both. */
export function CompareKeys({ hostKey }: { hostKey: ChangedKey }) {
  const now = useNow();
  return (
    <>
      <dl className="flex gap-2">
        <Column title="Pinned" ink="" text={hostKey.pinnedFingerprint} other={hostKey.fingerprint} />
        <Column title="Shown now" ink="text-danger" text={hostKey.fingerprint} other={hostKey.pinnedFingerprint} />
      </dl>
      <p className="mt-3 text-muted">
        The old one was pinned on {formatDate(hostKey.pinnedAt, now)}, when you approved a login that{' '}
        {hostKey.pinnedBy.join(' and ')} asked for under this name.
      </p>
    </>
  );
}
