/** Six digits in two groups, to be compared with another screen. */
export function BigCode({ code }: { code: string }) {
  return (
    <p
      role="img"
      aria-label={Array.from(code).join(' ')}
      data-joining-code={code}
      className="flex justify-center gap-[0.5em] font-mono text-[clamp(2.25rem,12vw,3.5rem)] leading-none font-semibold tracking-tight"
    >
      <span>{code.slice(0, 3)}</span>
      <span>{code.slice(3)}</span>
    </p>
  );
}
