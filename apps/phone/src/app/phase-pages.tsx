import type { ReactNode } from 'react';
import type { PhoneSnapshot } from '../model/model.ts';
import { usePhone } from '../model/use-model.tsx';
import { BrandMark } from '../parts/brand-mark.tsx';
import { Button } from '../parts/button.tsx';

type Phase = PhoneSnapshot['phase'];
type Missing = Extract<Phase, { is: 'unsupported' }>['missing'][number];

function Alone({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center px-6 py-12">
      <BrandMark size={48} />
      <h1 className="mt-6 text-huge font-semibold tracking-tight">{title}</h1>
      <div className="mt-3 space-y-4 text-muted">{children}</div>
    </main>
  );
}

export function LoadingPage() {
  return (
    <main aria-busy="true" className="flex min-h-dvh items-center justify-center">
      <BrandMark size={56} />
      <h1 className="sr-only">Palmkey is starting</h1>
    </main>
  );
}

export function ElsewherePage() {
  const phone = usePhone();
  return (
    <Alone title="Open in another tab">
      <p>Another tab or window of this browser answers at the moment. Only one can.</p>
      <Button look="primary" wide onClick={() => phone.useHere()}>
        Use it here
      </Button>
    </Alone>
  );
}

const missingWords: Record<Missing, string> = {
  ed25519: 'Ed25519 signatures in WebCrypto',
  x25519: 'X25519 key agreement in WebCrypto',
  indexeddb: 'storage for keys (IndexedDB; private browsing may block it)',
  'secure-context': 'a secure page: open it over https, or on localhost',
  locks: 'Web Locks',
};

export function UnsupportedPage({ missing }: { missing: readonly Missing[] }) {
  return (
    <Alone title="This browser cannot keep your keys">
      <p>It lacks:</p>
      <ul className="list-disc pl-5">
        {missing.map((feature) => (
          <li key={feature}>{missingWords[feature]}</li>
        ))}
      </ul>
      <p>Chrome or Edge from version 137, Firefox from 130 and Safari from 17 have all of it.</p>
    </Alone>
  );
}

export function BrokenPage({ reason }: { reason: Extract<Phase, { is: 'broken' }>['reason'] }) {
  return reason === 'newer-version' ? (
    <Alone title="This page is older than its data">
      <p>A newer Palmkey has used this browser’s store. Nothing was changed. Reload to get the newer page.</p>
      <Button look="primary" wide onClick={() => location.reload()}>
        Reload
      </Button>
    </Alone>
  ) : (
    <Alone title="Your keys cannot be read">
      <p>The browser did not open this site’s store. Close other tabs of this page, free some space, and reload.</p>
      <p>Do not clear the site’s data: that would delete the keys.</p>
      <Button look="primary" wide onClick={() => location.reload()}>
        Reload
      </Button>
    </Alone>
  );
}
