import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { NatsBus } from '../bus/nats-bus.ts';
import type { Clock } from '../clock.ts';
import type { BusAccess } from '../options.ts';
import { NatsPostOffice, type PostLimits } from '../post/nats-post-office.ts';
import type { PostEvents } from '../post/post-office.ts';
import { NatsLink } from './nats-link.ts';

/** What makes this process one node of several: one connection to NATS, with a bus and a post office over it. */
export class NatsNodes implements AsyncDisposable {
  readonly bus: NatsBus;
  readonly #link: NatsLink;
  readonly #nodeId: Uint8Array;
  readonly #ports: { readonly clock: Clock; readonly logger: Logger };

  private constructor(link: NatsLink, ports: { readonly clock: Clock; readonly logger: Logger }) {
    this.#link = link;
    this.#nodeId = new Uint8Array(randomBytes(8));
    this.#ports = ports;
    this.bus = new NatsBus({ link, clock: ports.clock, nodeId: this.#nodeId });
  }

  /** `url` as in {@link parseNatsAddress}. Throws {@link RelayStartError} as {@link NatsLink.connect} does. */
  static async join(
    url: string,
    access: BusAccess,
    ports: { readonly clock: Clock; readonly logger: Logger },
  ): Promise<NatsNodes> {
    return new NatsNodes(await NatsLink.connect(url, ports.logger, access), ports);
  }

  /** Throws {@link RelayStartError} `bus-keeps-no-mail` where JetStream does not keep mail for this relay. */
  openPost(events: PostEvents, limits: PostLimits): Promise<NatsPostOffice> {
    return NatsPostOffice.open({ ...this.#ports, link: this.#link, events, limits }, this.#nodeId);
  }

  /** Ends the connection; bus and post office are to be ended before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]();
  }
}
