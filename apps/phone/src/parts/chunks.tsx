/** A fingerprint or hash in groups that the eye can follow; copied, it is whole again. */
export function Chunks({ text, size, against }: { text: string; size: number; against?: string }) {
  const groups = chunksOf(text, size);
  const others = against === undefined ? null : chunksOf(against, size);
  return (
    <span className="flex flex-wrap gap-x-2 font-mono text-small leading-6">
      {groups.map((group, index) => (
        <span key={index} className={others === null || others[index] === group ? '' : 'font-semibold text-danger'}>
          {group}
        </span>
      ))}
    </span>
  );
}

/** Cuts a text into groups of `size` characters, the last one shorter. */
export function chunksOf(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}
