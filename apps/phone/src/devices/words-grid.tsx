/** Twelve words with their numbers, down the first column and on in the second, as they go on paper. */
export function WordsGrid({ words }: { words: readonly string[] }) {
  return (
    <ol
      aria-label="Your recovery words"
      className="grid grid-flow-col grid-cols-2 grid-rows-6 rounded-2xl border border-line bg-paper px-4 py-3 shadow-slip select-none"
    >
      {words.map((word, index) => (
        <li key={index} className="flex min-h-10 items-center gap-3">
          <span className="w-5 text-right text-small text-muted tabular-nums" aria-hidden="true">
            {index + 1}
          </span>
          <span className="font-mono text-base font-semibold">{word}</span>
        </li>
      ))}
    </ol>
  );
}
