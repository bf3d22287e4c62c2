/** `812 B`, `48 kB`, `1.2 MB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** How much of a text has come. */
export function LoadingText({ here, size }: { here: number; size: number }) {
  const share = Math.min(1, here / Math.max(1, size));
  return (
    <div className="px-4 pb-5 wide:px-6">
      <div
        role="progressbar"
        aria-label="Text that has come"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(share * 100)}
        className="h-2 overflow-hidden rounded-full bg-line"
      >
        <div className="h-full origin-left bg-accent" style={{ transform: `scaleX(${share})` }} />
      </div>
      <p className="mt-2 text-small text-muted tabular-nums">
        {sizeWords(here)} of {sizeWords(size)}. It can be approved once all of it is here.
      </p>
    </div>
  );
}
