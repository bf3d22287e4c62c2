/** The open palm with a keyhole in it. `flush`: without the room at its left, to stand in line with text under it. */
export function BrandMark({ size = 32, flush = false }: { size?: number; flush?: boolean }) {
  const width = flush ? (size * 52) / 64 : size;
  return (
    <svg
      aria-hidden="true"
      width={width}
      height={size}
      viewBox={flush ? '12 0 52 64' : '0 0 64 64'}
      className="shrink-0 text-accent"
    >
      <g fill="none" stroke="currentColor" strokeWidth={5.5} strokeLinecap="round">
        <path d="M22.5 34V19M29.5 32V14M36.5 32V15.5M43.5 34V20.5" />
      </g>
      <path
        fill="currentColor"
        d="M19.75 31h26.5v6.500C46.250 46 40.500 51.500 33 51.500c-6 0-9.700-2.700-12.200-7.200l-6.300-9.800c-1-1.600-.6-3.300.8-4.100 1.300-.8 2.900-.4 3.800 1l.65 1z"
      />
      <path
        className="fill-ground"
        d="M33 36.200a3.300 3.300 0 0 1 1.700 6.100l1 4.200h-5.400l1-4.200A3.300 3.300 0 0 1 33 36.200z"
      />
    </svg>
  );
}
