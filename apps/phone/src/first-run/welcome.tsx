import { Button } from '../parts/button.tsx';
import { WelcomePicture } from './welcome-picture.tsx';

interface Props {
  onNext: () => void;
  onJoin: () => void;
  onRejoin: () => void;
}

/** What this is; and the two ways in for who has an account. */
export function Welcome({ onNext, onJoin, onRejoin }: Props) {
  return (
    <>
      <div className="flex flex-1 flex-col justify-center">
        <WelcomePicture />
        <h1 tabIndex={-1} className="mt-4 text-huge font-semibold tracking-tight">
          Your keys stay here. Computers ask.
        </h1>
        <p className="mt-3 max-w-md text-muted">
          When a computer wants to log in somewhere with your SSH key, this page shows who asks and where to, and you
          say yes or no.
        </p>
      </div>
      <Button look="primary" wide className="mt-8 min-h-14" onClick={onNext}>
        Make my key
      </Button>
      <div className="mt-2 flex flex-col">
        <Button look="quiet" onClick={onJoin}>
          I already use Palmkey on another device
        </Button>
        <Button look="quiet" onClick={onRejoin}>
          I only have my recovery words
        </Button>
      </div>
    </>
  );
}
