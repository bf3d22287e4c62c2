import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { actFailure } from '../devices/act-words.ts';
import type { PassphraseView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Sheet, SheetClose } from '../parts/sheet.tsx';

type Bare = Extract<PassphraseView, { is: 'on' }>['bare'];

function RenewDevice() {
  const { account, computers } = useModel();
  const phone = usePhone();
  const [state, setState] = useState<{ is: 'idle' | 'making' } | { is: 'failed'; why: string }>({ is: 'idle' });
  const outside = new Set(account?.outside.map(({ id }) => id));
  const lost = computers.filter(({ id }) => outside.has(id));
  const make = () => {
    setState({ is: 'making' });
    phone.passphrase.renewDevice().catch((error: unknown) => setState({ is: 'failed', why: actFailure(error) }));
  };
  if (state.is === 'making') {
    return (
      <p role="status" className="py-3 text-center text-muted">
        Making new keys for this device…
      </p>
    );
  }
  return (
    <>
      {state.is === 'failed' && (
        <Notice tone="danger" title="It keeps its keys for now">
          <p role="alert">{state.why}</p>
        </Notice>
      )}
      <Sheet
        title="New keys for this device?"
        trigger={
          <Button look="primary" wide>
            Make new keys for this device
          </Button>
        }
        actions={
          <>
            <SheetClose>
              <Button look="primary" onClick={make}>
                Make them
              </Button>
            </SheetClose>
            <SheetClose>
              <Button>Not now</Button>
            </SheetClose>
          </>
        }
      >
        <p>
          It comes into your account as a new device, with a number behind its name, and the former one is removed. Your
          computers learn of it by themselves. What waits right now is asked again.
        </p>
        {lost.length > 0 && (
          <p>
            Not in your account, so to be paired again: <strong>{lost.map(({ name }) => name).join(', ')}</strong>.
          </p>
        )}
      </Sheet>
    </>
  );
}

/** What the passphrase does not cover, in so many words, and what to do about each. */
export function BareKeys({ bare }: { bare: Bare }) {
  const { keys } = useModel();
  const left = keys.filter(({ id }) => bare.keys.includes(id));
  return (
    <Section title="Not encrypted yet">
      <div className="space-y-3">
        <p>
          The browser gives keys that were made without a passphrase to nobody, not to this app either: they cannot be
          encrypted. New ones can.
        </p>
        {bare.device && (
          <>
            <Notice tone="unusual" title="This device’s own keys">
              <p>
                Whoever copies this browser’s data can still act as this device in your account, and read what it keeps
                at the relay.
              </p>
            </Notice>
            <RenewDevice />
          </>
        )}
        {left.length > 0 && (
          <Notice
            tone="unusual"
            title={left.length === 1 ? 'An SSH key' : 'SSH keys'}
            actions={
              <Link to="/keys" className={buttonClass('secondary')}>
                Keys
              </Link>
            }
          >
            <p>
              Whoever copies this browser’s data can log in with{' '}
              <strong>{left.map(({ name }) => name).join(', ')}</strong>. Make a new key, put it on your servers with{' '}
              <Literal text="palmkey keys replace" className="rounded-md bg-sunken box-decoration-clone px-1.5" /> on a
              computer, and then remove the old one.
            </p>
          </Notice>
        )}
      </div>
    </Section>
  );
}
