import { type Disk, systemDisk } from '../state/disk.ts';

/** A disk that can be full: what is written then stops half way. */
export class TestDisk implements Disk {
  full = false;
  /** Called with each write that it has no room for. */
  onRefused: () => void = () => undefined;

  write(file: number, bytes: Uint8Array): void {
    if (!this.full) {
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
