import { Link } from '@tanstack/react-router';
import { useModel } from '../model/use-model.tsx';
import { BrandMark } from '../parts/brand-mark.tsx';
import { Icon } from '../parts/icon.tsx';
import { places } from './places.ts';

function Count({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="absolute top-1 left-1/2 ml-1.5 min-w-5 rounded-full bg-accent px-1 text-center text-small leading-5 font-semibold text-on-accent wide:static wide:ml-auto">
      {count}
      <span className="sr-only"> waiting</span>
    </span>
  );
}

/** The places: a bar at the lower edge of a phone, a column at the left of a wide screen. */
export function PlacesBar() {
  const { waiting } = useModel();
  return (
    <nav
      aria-label="Places"
      className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-ground pb-[env(safe-area-inset-bottom)] wide:static wide:h-dvh wide:border-t-0 wide:border-r wide:px-3 wide:pt-8"
    >
      <p className="mb-6 hidden items-center gap-2 px-3 text-large font-semibold tracking-tight wide:flex">
        <BrandMark size={32} />
        Palmkey
      </p>
      <ul className="flex h-18 items-stretch justify-around wide:h-auto wide:flex-col wide:gap-1">
        {places.map(({ to, label, icon }) => (
          <li key={to} className="min-w-0 flex-auto">
            <Link
              to={to}
              activeOptions={{ exact: to === '/' }}
              className="relative flex h-full min-h-12 flex-col items-center justify-center gap-1 rounded-xl text-muted transition-colors duration-150 hover:text-ink aria-[current=page]:font-semibold aria-[current=page]:text-accent wide:flex-row wide:justify-start wide:gap-3 wide:px-3 wide:aria-[current=page]:bg-accent-soft"
            >
              <Icon name={icon} size={22} />
              <span className="max-w-full truncate text-[min(0.8125rem,3.6vw)] wide:text-base">{label}</span>
              {to === '/' && <Count count={waiting.length} />}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
