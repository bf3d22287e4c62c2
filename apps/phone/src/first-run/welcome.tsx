import { Button } from '../parts/button.tsx';
import { WelcomePicture } from './welcome-picture.tsx';

/** What this is. */
export function Welcome({ onNext }: { onNext: () => void }) {
  return (
    <>
      <div className="flex flex-1 flex-col justify-center">
        <WelcomePicture />
        <h1 tabIndex={-1} className="mt-8 text-huge font-semibold tracking-tight">
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
    </>
  );
}
