import { destination as open, pino, type Logger } from 'pino';

/** A log of JSON lines to a file descriptor or a file of mode 0600, which is made with its folder. */
export function jsonLogger(destination: number | string, level = 'info'): Logger {
  return pino({ base: null, level }, open({ dest: destination, mkdir: true, mode: 0o600, sync: true }));
}
