import { useModel } from '../model/use-model.tsx';
import { Notice } from '../parts/notice.tsx';

/** Why what was allowed asks all the same, or why other phones may have said something else since. */
export function SharingNote() {
  const { account, permissions } = useModel();
  switch (account?.data) {
    case 'unread':
      if (!permissions.some(({ phone }) => phone === null)) return null;
      return (
        <Notice tone="unusual" title="Every request asks for now">
          <p>What your other phones have stopped is not known until the relay is reached.</p>
        </Notice>
      );
    case 'older':
      return (
        <Notice tone="unusual" title="The relay shows old records">
          <p>
            What your other phones wrote was seen in a later state before, and that is what counts here. It may be a
            backup. If this stays after they were open once, the relay is not to be trusted.
          </p>
        </Notice>
      );
    case 'current':
    case undefined:
      return null;
  }
}
