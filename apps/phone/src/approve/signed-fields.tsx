import * as Collapsible from '@radix-ui/react-collapsible';
import { lazy, Suspense } from 'react';
import type { RequestView } from '../model/request-view.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';

const SignedText = lazy(() => import('./signed-text.tsx').then((module) => ({ default: module.SignedText })));

/** Every field of the bytes to be signed, as the strict parser read them; for git, the text itself. */
export function SignedFields({ request }: { request: RequestView }) {
  const text = request.fields.map(({ label, value }) => `${label}: ${value}`).join('\n');
  return (
    <Collapsible.Root className="px-4 pb-2 wide:px-6">
      <Collapsible.Trigger className="group flex min-h-12 w-full items-center gap-2 text-left font-medium">
        <Icon
          name="forward"
          size={16}
          className="transition-transform duration-150 group-data-[state=open]:rotate-90"
        />
        What exactly will be signed
      </Collapsible.Trigger>
      <Collapsible.Content className="space-y-3 pb-2">
        {request.kind === 'git' && request.object !== null && (
          <Suspense fallback={<p className="text-muted">Opening the text…</p>}>
            <SignedText git={request} />
          </Suspense>
        )}
        {request.fields.length > 0 && (
          <>
            <dl className="space-y-2 rounded-xl bg-sunken p-4">
              {request.fields.map(({ label, value }, index) => (
                <div key={index}>
                  <dt className="text-small text-muted">{label}</dt>
                  <dd>
                    <Literal text={value} className="text-small" />
                  </dd>
                </div>
              ))}
            </dl>
            <CopyButton text={text} label="Copy all of it" />
          </>
        )}
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
