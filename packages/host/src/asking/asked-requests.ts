/** What was asked and is open, or ended lately: found by the hash by which a phone names it, and by the phone. */
import { type RequestHash, type Settled } from '@palmkey/core/requests';
import { type DeviceId, toHex } from '@palmkey/envelope';
import type { AskedPhone } from './asked-phone.ts';
import type { OpenRequest } from './open-request.ts';

export class AskedRequests {
  readonly #byHash = new Map<string, OpenRequest>();

  add(request: OpenRequest): void {
    for (const hash of request.hashes()) this.#byHash.set(toHex(hash), request);
  }

  remove(request: OpenRequest): void {
    for (const hash of request.hashes()) this.#byHash.delete(toHex(hash));
  }

  /** Each once, as they are at this moment. */
  all(): ReadonlySet<OpenRequest> {
    return new Set(this.#byHash.values());
  }

  /**
   * The request of which that phone speaks; nothing where it was not asked, or is no phone of this computer any more.
   */
  find(by: DeviceId, hash: RequestHash): readonly [OpenRequest, AskedPhone] | readonly [] {
    const request = this.#byHash.get(toHex(hash));
    const phone = request?.phone(by);
    return request === undefined || phone === undefined || phone.gone ? [] : [request, phone];
  }

  /** What that phone can still decide. */
  *openFor(id: DeviceId): Iterable<readonly [OpenRequest, AskedPhone]> {
    for (const request of this.all()) {
      const phone = request.phone(id);
      if (phone !== undefined && !phone.gone && request.isOpen) yield [request, phone];
    }
  }

  /** What has ended, and what phones may show still, since its time is not over by the monotonic clock. */
  *endedWithin(now: number): Iterable<readonly [OpenRequest, Settled]> {
    for (const request of this.all()) {
      const { settled } = request.settlement;
      if (settled !== null && now < request.endsAt) yield [request, settled];
    }
  }
}
