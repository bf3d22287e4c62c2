import type { Readable, Writable } from 'node:stream';

/** Where words go: a stream, and what is known of the screen behind it. */
export interface Screen extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface Keyboard extends Readable {
  readonly isTTY?: boolean;
  /** On a terminal: whether keys come one by one, without echo and signals. */
  setRawMode?(raw: boolean): unknown;
}

/** All that a command is given of the outside world; `main.ts` makes it. */
export interface Cli {
  readonly version: string;
  /** What a person types to run this program, e.g. `palmkey` or `npx palmkey`. */
  readonly me: string;
  /** Node and the program, as absolute paths: what starts this program from anywhere. */
  readonly command: { readonly node: string; readonly program: string };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The person's own folder. */
  readonly userFolder: string;
  /** The built phone app. */
  readonly appFolder: string;
  /** The program that git's signing script runs. */
  readonly gitSigner: string;
  readonly hostName: string;
  readonly input: Keyboard;
  readonly output: Screen;
  readonly errors: Screen;
  readonly now: () => number;
  /** Aborts when the person asks to stop (Ctrl-C, SIGTERM, SIGHUP). */
  readonly stopping: AbortSignal;
  /** What Ctrl-C does, for a prompt that swallowed it. */
  readonly interrupt: () => void;
}
