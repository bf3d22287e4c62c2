/** What a node of a relay has of NATS, alone: for tests against real servers. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { Bus } from '../bus/bus.ts';
import { NatsBus } from '../bus/nats-bus.ts';
import { systemClock } from '../clock.ts';
import { NatsLink } from '../nats/nats-link.ts';
import { NatsPostOffice } from '../post/nats-post-office.ts';
import { contractLimits, RecordedEvents, type OfficeUnderTest } from '../post/post-office.contract.ts';

const logger = pino({ level: 'silent' });

/** A node as its post office sees it, at a bus's URL with a prefix. */
export class OfficeNode implements OfficeUnderTest {
  readonly link: NatsLink;
  readonly office: NatsPostOffice;
  readonly events: RecordedEvents;

  private constructor(link: NatsLink, office: NatsPostOffice, events: RecordedEvents) {
    this.link = link;
    this.office = office;
    this.events = events;
  }

  static async start(url: string): Promise<OfficeNode> {
    const link = await NatsLink.connect(url, logger);
    const events = new RecordedEvents();
    const ports = { link, clock: systemClock, logger, events, limits: contractLimits };
    return new OfficeNode(link, await NatsPostOffice.open(ports, new Uint8Array(randomBytes(8))), events);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.office[Symbol.asyncDispose]();
    await this.link[Symbol.asyncDispose]();
  }
}

/** A bus with a link of its own, which ends with it. */
export async function startNatsBus(url: string): Promise<Bus> {
  const link = await NatsLink.connect(url, logger);
  const bus = new NatsBus({ link, clock: systemClock, nodeId: new Uint8Array(randomBytes(8)) });
  return Object.assign(bus, {
    [Symbol.asyncDispose]: async () => {
      await NatsBus.prototype[Symbol.asyncDispose].call(bus);
      await link[Symbol.asyncDispose]();
    },
  });
}
