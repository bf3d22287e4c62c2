import { useEffect, useRef, useState } from 'react';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { nameProblem } from '../parts/name-problem.ts';
import { Notice } from '../parts/notice.tsx';
import { TextField } from '../parts/text-field.tsx';
import { defaultDeviceName } from './default-names.ts';

/** Names the key and the device, makes the key, asks the browser to keep it. */
export function NameStep({ onMade }: { onMade: () => void }) {
  const phone = usePhone();
  const heading = useRef<HTMLHeadingElement>(null);
  const [keyName, setKeyName] = useState('Personal');
  const [deviceName, setDeviceName] = useState(() => defaultDeviceName(navigator.userAgent));
  const [state, setState] = useState<'naming' | 'making' | 'failed'>('naming');
  useEffect(() => heading.current?.focus(), []);
  const fine = nameProblem(keyName) === null && nameProblem(deviceName) === null;
  const make = () => {
    setState('making');
    // Asked for within the press: some browsers show their question only then.
    void phone.requestPersistence();
    phone
      .createAccountKey({ keyName: keyName.trim(), deviceName: deviceName.trim() })
      .then(onMade, () => setState('failed'));
  };
  return (
    <form
      className="flex flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (fine && state !== 'making') make();
      }}
    >
      <h1 ref={heading} tabIndex={-1} className="text-huge font-semibold tracking-tight">
        Name your key
      </h1>
      <p className="mt-3 text-muted">
        It is made in this browser, which can use it but cannot export it. Nobody else ever has it.
      </p>
      <div className="mt-6 space-y-5">
        <TextField
          label="Key"
          value={keyName}
          problem={nameProblem(keyName)}
          onChange={(event) => setKeyName(event.target.value)}
        />
        <TextField
          label="This device"
          value={deviceName}
          problem={nameProblem(deviceName)}
          hint={`Your computers will say: asking ${deviceName.trim()}`}
          onChange={(event) => setDeviceName(event.target.value)}
        />
        <Notice tone="calm" title="If this browser’s data goes, the key goes">
          <p>Keep a second way into each server.</p>
        </Notice>
        {state === 'failed' && (
          <Notice tone="danger" title="The key could not be made">
            <p>The browser did not let it be stored. Leave private browsing, free some space, and try again.</p>
          </Notice>
        )}
      </div>
      <div className="mt-auto pt-8">
        <Button type="submit" look="primary" wide className="min-h-14" disabled={!fine || state === 'making'}>
          {state === 'making' ? 'Making your key…' : 'Make my key'}
        </Button>
      </div>
    </form>
  );
}
