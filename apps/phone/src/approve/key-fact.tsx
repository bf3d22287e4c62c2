import type { RequestView } from '../model/request-view.ts';
import { Button } from '../parts/button.tsx';
import { Fact } from '../parts/fact.tsx';
import { Sheet, SheetClose } from '../parts/sheet.tsx';
import { keyTypeWords } from '../parts/key-words.ts';

/** Which key would sign, and the way to have the computer go on with another one. */
export function KeyFact({ request, onPass }: { request: RequestView; onPass: (() => void) | null }) {
  const { key, computer } = request;
  return (
    <Fact label="Key" {...(onPass !== null && { mark: <PassButton computer={computer.name} onPass={onPass} /> })}>
      <span className="font-medium">{key.name}</span> <span className="text-muted">({keyTypeWords(key.type)})</span>
      {!key.here && <span className="block text-small font-semibold text-amber">On another phone of yours</span>}
    </Fact>
  );
}

function PassButton({ computer, onPass }: { computer: string; onPass: () => void }) {
  return (
    <Sheet
      title="Use another key or phone"
      trigger={
        <button
          type="button"
          className="-my-3 min-h-12 rounded-xl px-3 text-small font-medium text-accent hover:bg-accent-soft"
        >
          Use another
        </button>
      }
      actions={
        <>
          <SheetClose>
            <Button look="primary" onClick={onPass}>
              Go on with another key
            </Button>
          </SheetClose>
          <SheetClose>
            <Button>Back</Button>
          </SheetClose>
        </>
      }
    >
      <p>
        {computer} goes on without this key: with the next one it has, on your other phone or in a file. If that one is
        a phone, it asks there.
      </p>
      <p>Nothing is signed here, and this request ends.</p>
    </Sheet>
  );
}
