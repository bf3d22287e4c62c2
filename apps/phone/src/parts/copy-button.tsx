import { useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { LiveRegion } from './live-region.tsx';

/** Copies a text and says so in place, without changing its width much. */
export function CopyButton({ text, label, wide = false }: { text: string; label: string; wide?: boolean }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  const words = { idle: label, copied: 'Copied', failed: 'Select and copy it by hand' }[state];
  return (
    <>
      <Button icon={state === 'copied' ? 'check' : 'copy'} wide={wide} onClick={copy}>
        {words}
      </Button>
      <LiveRegion urgent={false}>{state === 'idle' ? '' : words}</LiveRegion>
    </>
  );
}
