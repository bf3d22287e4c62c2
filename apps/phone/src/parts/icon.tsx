/** Drawn on a 24 grid with one weight, so that all of them sit together. */
const paths = {
  inbox:
    'M4 13.5 6.2 5.6A1.5 1.5 0 0 1 7.7 4.500h8.600a1.500 1.500 0 0 1 1.500 1.100L20 13.500v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM4 13.500h4.500l1.300 2.500h4.400l1.300-2.500H20',
  computer: 'M5.500 5h13a1 1 0 0 1 1 1v9h-15V6a1 1 0 0 1 1-1zM2.500 18.500h19M4.500 15l-2 3.500M19.500 15l2 3.500',
  key: 'M7.500 11.500a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM10.400 12.700 18.500 4.500M15 8l3 3M18 5l2 2',
  clock: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.300l2.800 1.700',
  history: 'M4.500 12A7.500 7.500 0 1 0 7 6.400L4.500 8.500M4.500 4.500v4h4M12 8v4.300l2.800 1.700',
  settings:
    'M4 7.500h9.500M17.500 7.500H20M4 16.500h2.500M10.500 16.500H20M15.500 5.500a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM8.500 14.500a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  check: 'm5.500 12.500 4.200 4.200 8.800-9.200',
  verified: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM8.300 12.300l2.600 2.600 4.900-5.300',
  claimed:
    'M5.500 5h13a1.500 1.500 0 0 1 1.500 1.500v8.500a1.500 1.500 0 0 1-1.500 1.500h-6L8 20v-3.500H5.500A1.500 1.500 0 0 1 4 15V6.500A1.500 1.500 0 0 1 5.500 5zM8 9.200h8M8 12.500h5',
  alert: 'M12 4 21 19.500H3zM12 10v4.500M12 17h.01',
  stop: 'M8.500 3.500h7l5 5v7l-5 5h-7l-5-5v-7zM9 9l6 6M15 9l-6 6',
  info: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM12 11v5M12 8h.01',
  forward: 'm9.500 6 6 6-6 6',
  back: 'm14.500 6-6 6 6 6',
  down: 'm6 9.500 6 6 6-6',
  copy: 'M9 8.500h9.500a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V9.500a1 1 0 0 1 1-1zM5.500 15.500A1 1 0 0 1 4.500 14.500V5a1 1 0 0 1 1-1H15a1 1 0 0 1 1 1',
  download: 'M12 4v11M7 10.500l5 5 5-5M4.500 19.500h15',
  camera:
    'M4.500 8h3l1.500-2.500h6L16.500 8h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zM12 10a3.300 3.300 0 1 1 0 6.600A3.300 3.300 0 0 1 12 10z',
  link: 'M10.500 13.500a3.800 3.800 0 0 0 5.500.200l2.700-2.700a3.900 3.900 0 0 0-5.500-5.500L12 6.700M13.500 10.500a3.800 3.800 0 0 0-5.500-.200L5.300 13a3.900 3.900 0 0 0 5.500 5.500l1.200-1.200',
  close: 'M6.500 6.500l11 11M17.500 6.500l-11 11',
  plus: 'M12 5v14M5 12h14',
  lock: 'M6.500 10.500h11a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM8.500 10.500V8a3.500 3.500 0 0 1 7 0v2.500M12 14v2.500',
  bell: 'M6.500 16.500v-5.500a5.500 5.500 0 0 1 11 0v5.500l1.500 2h-14zM10.300 18.500a1.800 1.800 0 0 0 3.400 0M12 3.500v2',
  pencil:
    'M4.500 19.500l.8-3.700L16 5.100a1.500 1.500 0 0 1 2.100 0l.8.8a1.500 1.500 0 0 1 0 2.100L8.200 18.700zM14.500 6.600l2.900 2.900',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words; never the only carrier of meaning, so it is hidden from screen readers. */
export function Icon({ name, size = 20, className = '' }: { name: IconName; size?: number; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${className}`}
    >
      <path d={paths[name]} />
    </svg>
  );
}
