/** Steps in their order, each with its number, which a screen reader has from the list. */
export function Numbered({ steps }: { steps: readonly string[] }) {
  return (
    <ol className="divide-y divide-line border-y border-line">
      {steps.map((step, index) => (
        <li key={step} className="flex gap-3 py-3">
          <span aria-hidden="true" className="w-5 shrink-0 font-semibold text-muted">
            {index + 1}
          </span>
          <span>{step}</span>
        </li>
      ))}
    </ol>
  );
}
