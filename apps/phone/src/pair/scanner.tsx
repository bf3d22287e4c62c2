import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { watchCamera, type CameraProblem } from './camera.ts';

const problems: Record<CameraProblem, { title: string; text: string }> = {
  denied: {
    title: 'The camera is not allowed',
    text: 'Allow it for this site in the browser’s settings and try again, or paste the link below.',
  },
  none: { title: 'No camera found', text: 'Paste the link below instead.' },
  busy: {
    title: 'The camera is in use',
    text: 'Close the other program that uses it and try again, or paste the link below.',
  },
};

/** Which codes are meant. */
interface Sought {
  readonly isMeant: (text: string) => boolean;
  readonly hint: string;
  /** Said of another code. */
  readonly otherwise: string;
}

interface Props {
  sought: Sought;
  onText: (text: string) => void;
  onLeave: () => void;
}

/** The camera's picture, searched for a code. Other ones are named and passed over. */
export function Scanner({ sought, onText, onLeave }: Props) {
  const { isMeant, hint, otherwise } = sought;
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<CameraProblem | null>(null);
  const [other, setOther] = useState(false);
  const found = useEffectEvent(onText);
  const isFound = useEffectEvent(isMeant);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const stop = new AbortController();
    void watchCamera(element, stop.signal, {
      onProblem: setProblem,
      onText: (text) => {
        if (!isFound(text)) {
          setOther(true);
          return;
        }
        stop.abort();
        found(text);
      },
    });
    return () => stop.abort();
  }, []);
  if (problem !== null) {
    return (
      <Notice tone="unusual" title={problems[problem].title} actions={<Button onClick={onLeave}>Back</Button>}>
        <p>{problems[problem].text}</p>
      </Notice>
    );
  }
  return (
    <div className="space-y-3">
      <div className="relative overflow-hidden rounded-2xl bg-sunken">
        <video
          ref={video}
          muted
          playsInline
          aria-label="Camera picture"
          className="aspect-square w-full object-cover"
        />
        <div aria-hidden="true" className="absolute inset-[14%] rounded-2xl border-2 border-on-accent opacity-80" />
      </div>
      <p role="status" className="min-h-6 text-muted">
        {other ? otherwise : hint}
      </p>
      <Button wide onClick={onLeave}>
        Stop the camera
      </Button>
    </div>
  );
}
