/** A computer asks, a sealed letter travels, the palm answers. */
export function WelcomePicture() {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 320 176"
      preserveAspectRatio="xMinYMid"
      className="max-h-[24dvh] w-full max-w-md text-ink"
    >
      <g fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
        <path d="M20 52h96a5 5 0 0 1 5 5v63H15V57a5 5 0 0 1 5-5zM6 132h124l-9-12H15z" className="fill-paper" />
        <path d="M30 72l6 5-6 5M42 82h12" className="stroke-accent" />
        <path d="M30 96h42M30 106h26" className="stroke-line-strong" />
        <path
          d="M222 20h62a8 8 0 0 1 8 8v120a8 8 0 0 1-8 8h-62a8 8 0 0 1-8-8V28a8 8 0 0 1 8-8z"
          className="fill-paper"
        />
        <path d="M228 116h50v14a4 4 0 0 1-4 4h-42a4 4 0 0 1-4-4z" className="fill-accent stroke-accent" />
        <path d="m247 125 4 4 9-9" className="stroke-on-accent" strokeWidth="2.5" />
        <path d="M139 86h14M186 86h16" strokeDasharray="2 5" className="stroke-line-strong" />
        <path d="M156 76h26v19h-26zM156 77l13 10 13-10" className="fill-paper" />
      </g>
      <g transform="translate(229.500 40) scale(.74)" className="text-accent">
        <path
          d="M22.5 34V19M29.500 32V14M36.500 32V15.500M43.500 34V20.500"
          fill="none"
          stroke="currentColor"
          strokeWidth="5.500"
          strokeLinecap="round"
        />
        <path
          fill="currentColor"
          d="M19.750 31h26.500v6.500C46.250 46 40.500 51.500 33 51.500c-6 0-9.700-2.700-12.200-7.200l-6.300-9.800c-1-1.600-.6-3.300.8-4.100 1.300-.8 2.900-.4 3.800 1l.65 1z"
        />
        <path
          className="fill-paper"
          d="M33 36.200a3.300 3.300 0 0 1 1.700 6.100l1 4.200h-5.400l1-4.200A3.300 3.300 0 0 1 33 36.200z"
        />
      </g>
    </svg>
  );
}
