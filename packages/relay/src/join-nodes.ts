import { randomInt } from 'node:crypto';
import type { Logger } from 'pino';
import type { Bus } from './bus/bus.ts';
import { LocalBus } from './bus/local-bus.ts';
import type { Clock } from './clock.ts';
import { limits } from './limits.ts';
import type { Meter } from './metrics/meter.ts';
import type { RelayOptions } from './options.ts';
import { Journal } from './post/journal.ts';
import { LocalPostOffice } from './post/local-post-office.ts';
import type { MailboxLimits } from './post/mailbox.ts';
import type { PostEvents, PostOffice } from './post/post-office.ts';
import type { Database } from './store/database.ts';

/** How this process stands to the other nodes of its relay, if there are any. */
export interface Nodes {
  readonly bus: Bus;
  /** Called once. Throws {@link RelayStartError} `bus-keeps-no-mail` where it does not. */
  openPost(events: PostEvents): Promise<PostOffice>;
  /** Bytes that mail takes in this process's memory; null where it is kept elsewhere. */
  mailBytes(): number | null;
  /** After bus and post office have ended. */
  close(): Promise<void>;
}

/** What every part of a relay works with. */
export interface NodesPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly database: Database;
  readonly meter: Meter;
}

/** One node alone, or one of several on a bus. Throws {@link RelayStartError} where that cannot be used. */
export async function joinNodes(options: RelayOptions, ports: NodesPorts): Promise<Nodes> {
  const { bus, mail } = options;
  const lifetimeS = mail?.lifetimeS ?? limits.mailLifetimeS;
  return bus === undefined ? aloneWith(options, lifetimeS, ports) : oneOfSeveral(bus, options, lifetimeS, ports);
}

function aloneWith({ mail }: RelayOptions, lifetimeS: number, ports: NodesPorts): Nodes {
  const { clock, logger, database, meter } = ports;
  let post: LocalPostOffice | null = null;
  return {
    bus: new LocalBus(),
    openPost: async (events) => {
      post = await LocalPostOffice.open({
        clock,
        epoch: randomInt(1, 2 ** 48 - 1),
        journal: new Journal({
          database,
          clock,
          logger,
          longestMs: 1000 * lifetimeS,
          onWritten: (letters) => {
            meter.journalCommits++;
            meter.journalMessages += letters;
          },
        }),
        mailbox: mailboxLimits(mail),
        totalBytes: mail?.totalBytes ?? limits.mailTotalBytes,
        events,
      });
      return post;
    },
    mailBytes: () => post?.bytes ?? 0,
    close: () => Promise.resolve(),
  };
}

/** NATS's client is loaded where there is a bus, and not otherwise. */
async function oneOfSeveral(
  url: string,
  { mail, busAccess = {} }: RelayOptions,
  lifetimeS: number,
  ports: NodesPorts,
): Promise<Nodes> {
  const { NatsNodes } = await import('./nats/nats-nodes.ts');
  const nodes = await NatsNodes.join(url, busAccess, ports);
  const { maxWaiting, maxWaitingBytes, maxOnTheWay, maxOnTheWayBytes } = mailboxLimits(mail);
  return {
    bus: nodes.bus,
    openPost: (events) =>
      nodes.openPost(events, {
        mailLimitMs: 1000 * lifetimeS,
        mailboxMessages: maxWaiting,
        mailboxBytes: maxWaitingBytes,
        windowMessages: maxOnTheWay,
        windowBytes: maxOnTheWayBytes,
        totalBytes: mail?.totalBytes ?? limits.mailTotalBytes,
      }),
    mailBytes: () => null,
    close: () => nodes[Symbol.asyncDispose](),
  };
}

function mailboxLimits(mail: RelayOptions['mail']): MailboxLimits {
  return {
    ...limits.mailbox,
    maxWaiting: mail?.mailboxMessages ?? limits.mailbox.maxWaiting,
    maxWaitingBytes: mail?.mailboxBytes ?? limits.mailbox.maxWaitingBytes,
  };
}
