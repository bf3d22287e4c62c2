/** What a daemon is started with, and what its process sees of it. */
import type { PublicDevice } from '@palmkey/core/devices';
import type { Grant } from '@palmkey/envelope';
import type { Clock } from './clock.ts';
import type { KeyFact, StatusFact } from './control/protocol.ts';
import type { ProgressWords } from './asking/ask-progress.ts';
import type { Disk } from './state/disk.ts';

export interface HostOptions {
  /** PALMKEY_HOME; made if need be, with mode 0700. */
  readonly home: string;
  /** Origin of the relay that new pairings meet at. */
  readonly relay: string;
  /** What lets this computer into that relay, shown until it is admitted. */
  readonly grant?: Grant;
  /** Where this machine's browser finds the app, when one is served here. */
  readonly appUrl: string | null;
  /** Where a phone finds relay and app. */
  readonly publicUrl: string | null;
  readonly tryCommand: string | null;
  readonly version: string;
  /** What phones call this computer; the system's name where it is no device name. */
  readonly hostName: string;
  /** The SSH_AUTH_SOCK that this was started with: the person's own agent, unless they set another. */
  readonly sshAuthSock?: string | null;
  /** Words for the person's terminal while something waits for a phone. */
  readonly progressWords: ProgressWords;
  /** Ends the process's wait for signals: somebody called `stop`. */
  readonly onStop?: () => void;
  /** This computer is out of its account, and no phone knows its keys: it is to begin anew, with others. */
  readonly onOver?: () => void;
  /** The device keys were opened, or are to be forgotten: it is to begin anew so. */
  readonly onKeys?: () => void;
  readonly clock?: Clock;
  readonly disk?: Disk;
}

export interface Host extends AsyncDisposable {
  readonly device: PublicDevice;
  status(): StatusFact;
  /** Calls back whenever {@link status} would say something else; the result ends it. */
  onChange(listener: () => void): () => void;
  userKeys(): KeyFact[];
  /** Withdraws what is asked, closes sockets and connections, and lets go of the folder. */
  close(): Promise<void>;
}
