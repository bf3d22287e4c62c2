import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { ShareSheetSteps } from './install-card.tsx';
import { askToInstall, isApplePhone, isInstalled } from './install-offer.ts';
import { useInstall } from './use-install.ts';

function How() {
  const way = useInstall();
  if (isInstalled()) return <p>This is the installed app.</p>;
  switch (way) {
    case 'ask':
      return (
        <Button look="primary" wide onClick={() => void askToInstall()}>
          Install Palmkey
        </Button>
      );
    case 'share-sheet':
      return <ShareSheetSteps />;
    case 'none':
      return <p>Look for “Install” or “Add to home screen” in the browser’s menu. Some browsers have no such thing.</p>;
  }
}

/** What differs on iPhone and iPad; shown only there. */
function ApplePhoneNotes() {
  return (
    <Section title="On iPhone and iPad">
      <ul className="list-disc space-y-2 pl-5">
        <li>
          The app on the home screen keeps its own data: keys made on this page do not move there. Make the key and pair
          in the installed app.
        </li>
        <li>
          Safari deletes the data of pages that were not opened for a week. The installed app is spared from that.
        </li>
        <li>A page that is out of sight is stopped after seconds: open Palmkey before you log in.</li>
      </ul>
    </Section>
  );
}

/** Installing the app: how here, and what it brings. */
export function InstallPage() {
  return (
    <Page title="Install the app" back={{ to: '/settings', label: 'Settings' }}>
      <p>
        Installed, Palmkey opens like any app, also without a network, and the browser is more likely to keep its keys.
      </p>
      <How />
      {isApplePhone(navigator.userAgent, navigator.maxTouchPoints) && <ApplePhoneNotes />}
      <Notice tone="calm" title="It stays a page of this browser">
        <p>Removing the browser’s data removes the keys too. Keep a second way into each server.</p>
      </Notice>
    </Page>
  );
}
