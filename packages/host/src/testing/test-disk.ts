import { type Disk, systemDisk } from '../state/disk.ts';

/** A disk that can be full: what is written then stops half way. */
export class TestDisk implements Disk {
  full = false;
  /** How many writes it has room for still. */
  room = Infinity;
  /** Called with each write that it has no room for. */
  onRefused: () => void = () => undefined;

  write(file: number, bytes: Uint8Array): void {
    this.room -= 1;
    if (!this.full && this.room >= 0) {
      systemDisk.write(file, bytes);
      return;
    }
    systemDisk.write(file, bytes.subarray(0, bytes.length >> 1));
    this.onRefused();
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }

  sync(file: number): void {
    systemDisk.sync(file);
  }
}
