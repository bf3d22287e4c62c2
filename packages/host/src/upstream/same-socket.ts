import { realpathSync, statSync } from 'node:fs';

/** Whether two paths lead to one socket, by whatever links. */
export function isSameSocket(path: string, own: string): boolean {
  try {
    if (realpathSync(path) === realpathSync(own)) return true;
    const [a, b] = [statSync(path), statSync(own)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return path === own;
  }
}
