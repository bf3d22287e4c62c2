/** The page that e2e/tests/chromium.test.ts drives. */
import { RelayPair } from './relay-pair.ts';
import { runSuites } from './suites.ts';

const page = { runSuites, relayPair: (relay: string) => RelayPair.connect(relay) };

declare global {
  interface Window {
    palmkey: typeof page;
  }
}
window.palmkey = page;
