import { useModel } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { putAway, usePutAway } from '../parts/put-away.ts';
import { askToInstall } from './install-offer.ts';
import { useInstall } from './use-install.ts';

/** How it is done by hand where the browser has no question of its own. */
export function ShareSheetSteps() {
  return (
    <ol className="list-decimal space-y-1 pl-5">
      <li>Press Share, the square with an arrow.</li>
      <li>Choose “Add to Home Screen”.</li>
      <li>Open Palmkey from there, and pair it there: it keeps its own data, apart from this page’s.</li>
    </ol>
  );
}

/** After the first approval: offers to install the app, once and quietly. */
export function InstallCard() {
  const { history } = useModel();
  const way = useInstall();
  const dismissed = usePutAway('palmkey-install-card');
  const approvedOnce = history.some(
    ({ signed, outcome, by }) => signed && outcome === 'approved' && by !== 'other-phone',
  );
  if (way === 'none' || dismissed || !approvedOnce) return null;
  return (
    <Notice
      tone="calm"
      title="Keep Palmkey at hand"
      actions={
        <>
          {way === 'ask' && <Button onClick={() => void askToInstall()}>Install it</Button>}
          <Button look="quiet" onClick={() => putAway('palmkey-install-card')}>
            No, thanks
          </Button>
        </>
      }
    >
      {way === 'ask' ? (
        <p>
          Installed, it opens like any app, also without a network, and the browser is more likely to keep its keys.
        </p>
      ) : (
        <>
          <p>
            Safari deletes the data of pages that were not opened for a week, keys too. On the home screen they stay.
          </p>
          <ShareSheetSteps />
        </>
      )}
    </Notice>
  );
}
