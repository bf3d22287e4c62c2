import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** A progress line that is longer would wrap, and a wrapped line cannot be replaced in place. */
const MAX_PROGRESS = 78;
/** Go to the start of the line and clear it (ECMA-48: CR, EL 2). */
const CLEAR = '\r\u001b[2K';

/** The terminal of the ssh that asked, where there is one: what is written to it is for the person who waits there. */
export interface TerminalLine extends Disposable {
  /** False where there is no terminal; everything else then does nothing. */
  readonly shown: boolean;
  /** Replaces the line with this text, control characters taken out, at most 78 characters. Never throws. */
  progressLine(text: string): void;
  /** Replaces the line with this text, which then stays, and closes. Never throws. */
  finalLine(text: string): void;
  /** Takes the progress line away, and closes. Never throws. */
  close(): void;
}

/** Opens the terminal of a claim's process if it is a terminal of ours. Never throws: without one, nothing is shown. */
export function openTerminal(claim: { readonly pid: number; readonly terminal: string | null } | null): TerminalLine {
  let fd = claim?.terminal == null ? null : openTty(claim.pid, claim.terminal);
  let dirty = false;
  const put = (text: string) => {
    if (fd === null) return;
    try {
      writeSync(fd, text);
    } catch {
      // A terminal that is gone, or stopped by its person: the line is lost, the login is not.
    }
  };
  const end = (text: string) => {
    if (fd === null) return;
    put(text);
    try {
      closeSync(fd);
    } catch {
      // closed it is
    }
    fd = null;
  };
  const close = () => end(dirty ? CLEAR : '');
  return {
    shown: fd !== null,
    progressLine(text) {
      dirty = true;
      put(CLEAR + cut(withoutControls(text)));
    },
    finalLine(text) {
      end(`${CLEAR}${withoutControls(text)}\r\n`);
    },
    close,
    [Symbol.dispose]: close,
  };
}

/**
 * The text without what a terminal could take for a command or show in another order: control characters (C0, DEL, C1),
 * line separators, bidirectional controls.
 */
export function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- exactly these are taken out
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MAX_PROGRESS ? text : `${characters.slice(0, MAX_PROGRESS - 1).join('')}…`;
}

function openTty(pid: number, terminal: string): number | null {
  const path = process.platform === 'linux' ? `/proc/${pid}/fd/2` : terminal;
  let fd: number | null = null;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (stat.isCharacterDevice() && stat.uid === process.getuid?.() && isatty(fd)) return fd;
  } catch {
    // not there, not ours, not a terminal
  }
  if (fd !== null) closeSync(fd);
  return null;
}
