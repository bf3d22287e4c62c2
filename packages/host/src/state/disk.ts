import { fsyncSync, writeSync } from 'node:fs';

/** Port: where state is written, so that a test can have a disk that is full. */
export interface Disk {
  /** Writes all of the bytes, or throws; then some of them may have been written. */
  write(file: number, bytes: Uint8Array): void;
  /** Returns once what was written stays, whatever becomes of the machine. */
  sync(file: number): void;
}

export const systemDisk: Disk = {
  write: (file, bytes) => {
    // A disk that fills up takes the beginning without a complaint.
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  },
  sync: fsyncSync,
};
