import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ComputerView } from '../model/model.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Sheet, SheetClose } from '../parts/sheet.tsx';

/** Ends the pairing, after a question. */
export function Unpair({ computer }: { computer: ComputerView }) {
  const phone = usePhone();
  const navigate = useNavigate();
  const [failed, setFailed] = useState(false);
  const unpair = () => {
    phone.unpair(computer.id).then(
      () => navigate({ to: '/computers' }),
      () => setFailed(true),
    );
  };
  return (
    <>
      {failed && (
        <Notice tone="danger" title="Not unpaired">
          It could not be saved. Reload the page and try again.
        </Notice>
      )}
      <Sheet
        title={`Unpair ${computer.name}?`}
        trigger={
          <Button look="danger" wide>
            Unpair
          </Button>
        }
        actions={
          <>
            <SheetClose>
              <Button look="danger" onClick={unpair}>
                Unpair {computer.name}
              </Button>
            </SheetClose>
            <SheetClose>
              <Button>Keep it</Button>
            </SheetClose>
          </>
        }
      >
        <p>It can no longer ask for your keys, from this moment. Requests of it that wait now are dropped.</p>
        <p>Your keys and the servers that trust them stay as they are. To use it again, pair it again.</p>
      </Sheet>
    </>
  );
}
