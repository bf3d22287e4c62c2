import { useModel } from '../model/use-model.tsx';
import { Notice } from '../parts/notice.tsx';

/** Why what was allowed asks all the same, or why other phones may have said something else since. */
export function SharingNote() {
  const { account, permissions } = useModel();
  const asks = account?.data === 'unread' && permissions.some(({ phone }) => phone === null);
  if (!asks && account?.data !== 'older') return null;
  return (
    <div className="mb-3">
      {asks ? (
        <Notice tone="unusual" title="Every request asks for now">
          <p>What your other phones have stopped is not known until the relay is reached.</p>
        </Notice>
      ) : (
        <Notice tone="unusual" title="The relay shows old records">
          <p>
            What was seen last counts here. A backup looks like this. If it stays after your other phones were open, do
            not trust the relay.
          </p>
        </Notice>
      )}
    </div>
  );
}
