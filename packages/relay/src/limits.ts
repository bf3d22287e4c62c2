import { HEADER_BYTES, MAX_BODY_BYTES } from '@palmkey/envelope';

/** The bounds of spec/relay.md and of the relay's memory. */
export const limits = {
  maxFrameBytes: HEADER_BYTES + MAX_BODY_BYTES,
  /** Connections of all kinds, also those that have not authenticated. */
  maxConnections: 10_000,
  authenticateWithinMs: 10_000,
  pingEveryMs: 30_000,
  /** A connection is dropped at the ping after this many went unanswered. */
  missedPings: 2,
  /** Mail of a sender that is not durable is acked when so much is settled, and so late at most. */
  ackEvery: 64,
  ackEveryMs: 500,
  /** How much may wait for one connection to read. */
  maxWaitingBytes: 4 * 1024 * 1024,
  /** The same while a connection is nobody's yet: the relay says little to it. */
  maxWaitingBytesOfStrangers: 16 * 1024,
  /** How long a connection that was ended may take to close, and a relay to drain. */
  closeWithinMs: 2_000,
  /** How long mail is kept at most, s. */
  mailLifetimeS: 3_600,
  mailbox: { maxWaiting: 1_000, maxWaitingBytes: 4 * 1024 * 1024, maxOnTheWay: 1_024, maxOnTheWayBytes: 1024 * 1024 },
  /** All mailboxes together, with what each message costs beside its bytes. */
  mailTotalBytes: 512 * 1024 * 1024,
  /** Devices and accounts whose place in the store is remembered. */
  rememberedDevices: 20_000,
  rendezvousLifetimeMs: 60 * 60_000,
  rendezvousPerDevice: 16,
  /** All rendezvous together, so that memory is bounded. */
  rendezvousTotal: 4_096,
  /** The messages of all rendezvous together. */
  rendezvousTotalBytes: 64 * 1024 * 1024,
  /** The same of all that one device has open: few devices must not fill the whole. Twice what one rendezvous holds. */
  rendezvousBytesPerDevice: 2 * 1024 * 1024,
  sendersPerRendezvous: 16,
  messagesPerRendezvous: 64,
  /** Polls that may wait at one rendezvous at a time. */
  pollsPerRendezvous: 32,
  maxRendezvousMessageBytes: 16 * 1024,
  maxPollMs: 30_000,
  /** After how long a poll that waits asks the store again, should word from another node have been lost. */
  lookAgainMs: 5_000,
  /** Lines (spec/relay.md): bodies, waits, and how long one that nobody fetches from stays. */
  maxPostedBytes: 256 * 1024,
  maxFetchedBytes: 1024 * 1024,
  maxLinePollMs: 25_000,
  lineIdleMs: 60_000,
  /** How long the last frames of a line that has ended can be fetched, and one stays whose fetch was broken off. */
  lineLastFetchMs: 15_000,
  /** Pushes by one device, and pushes to one. */
  pushesPerMinute: 30,
  pushesPerHour: 300,
  /** Pushes that wait for push services, all together. */
  pushesUnderWay: 128,
  /** How long a push service may take. */
  pushWithinMs: 8_000,
  maxPushLifetimeS: 3_600,
  /** A connected device that has not acked for longer is taken for asleep, and pushed to. */
  unackedForMs: 3_000,
  /** Endpoints whose push services want to hear nothing for a while, remembered. */
  quietPushEndpoints: 1_024,
  /** Devices that one account may have. */
  devicesPerAccount: 32,
  /** The same for an account with a chain: as many as may be active on one (spec/account.md), and some that are not. */
  devicesPerChainAccount: 288,
  /** The links of one chain together. */
  chainBytes: 8 * 1024 * 1024,
  /**
   * Beginnings of chains that wait for the post that goes on from them: all together, and how long after the last part.
   */
  chainPartsBytes: 32 * 1024 * 1024,
  chainPartsLifetimeMs: 2 * 60_000,
  /** Chains whose replay is remembered, by the links that they have together. */
  rememberedLinks: 100_000,
  /**
   * Chains of more links than this are long; how often one account may have such a one replayed from its first link in
   * a minute.
   */
  longChainLinks: 512,
  longReplaysPerMinute: 4,
  /** Posts to chains by one device in a minute, and requests for links by one address. */
  chainPostsPerMinute: 30,
  chainFetchesPerMinute: 120,
  /**
   * Answers with account data, or boxes and seeds, that one device may have in a minute: more than ten times all that a
   * chain has.
   */
  chainReadsPerMinute: 600,
  chainGrantLifetimeMs: 10 * 60_000,
  chainGrantsPerChain: 16,
  chainGrantsTotal: 10_000,
  /** Previous seeds in one answer. */
  seedsPerAnswer: 512,
  /** Records of account data that one chain may have. */
  recordsPerChain: 1_024,
  /** Invitations that the devices of one account may have out at a time. */
  invitationsPerAccount: 32,
  /** All invitations together. */
  invitationsTotal: 10_000,
  /** Devices that a relay knows at most, unless it is told otherwise. */
  maxDevices: 100_000,
  /** Devices that nobody let in and that may come from one address within an hour. */
  strangersPerHour: 30,
  /** After how long a device that was not connected is forgotten, unless the operator let it in. */
  retentionDays: 180,
  /** How often the store is rid of what is over. */
  sweepEveryMs: 30_000,
  /** Requests other than posts that an address may make at rendezvous in a minute. */
  fetchesPerMinute: 600,
  nameplatesPerMinute: 10,
  /** GitHub sign-ins under way, all together; each for ten minutes at most. */
  signInsTotal: 10_000,
  signInLifetimeMs: 10 * 60_000,
  /** How long the nonce is good that a device signs before it begins one; as many are out as sign-ins are under way. */
  signInNonceLifetimeMs: 2 * 60_000,
  /** Sign-ins that an address may begin, or come back from, in a minute. */
  signInsPerMinute: 20,
} as const;

/** How often something may be done; an operator can set them (spec/relay.md, "Errors"). */
export interface Rates {
  /** Frames of one device: so many at once, refilled with so many a second. */
  readonly burstFrames: number;
  readonly framesPerSecond: number;
  /** The same for all devices of an account together. */
  readonly burstFramesOfAccount: number;
  readonly framesPerSecondOfAccount: number;
  /** Messages that one address may leave at rendezvous in a minute. */
  readonly postsPerMinute: number;
  /** Connections of one address: at one time, and begun in a minute. */
  readonly connectionsPerAddress: number;
  readonly connectionsPerMinute: number;
}

/** What holds where the operator says nothing. */
export const defaultRates: Rates = {
  burstFrames: 2_000,
  framesPerSecond: 200,
  burstFramesOfAccount: 8_000,
  framesPerSecondOfAccount: 800,
  postsPerMinute: 240,
  connectionsPerAddress: 1_000,
  connectionsPerMinute: 240,
};
