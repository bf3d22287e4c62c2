/** The bounds of spec/relay.md and of the relay's memory. */
export declare const limits: {
    readonly maxFrameBytes: number;
    /** Connections of all kinds, also those that have not authenticated. */
    readonly maxConnections: 10000;
    readonly authenticateWithinMs: 10000;
    readonly pingEveryMs: 30000;
    /** A connection is dropped at the ping after this many went unanswered. */
    readonly missedPings: 2;
    /** Mail of a sender that is not durable is acked when so much is settled, and so late at most. */
    readonly ackEvery: 64;
    readonly ackEveryMs: 500;
    /** How much may wait for one connection to read. */
    readonly maxWaitingBytes: number;
    /** The same while a connection is nobody's yet: the relay says little to it. */
    readonly maxWaitingBytesOfStrangers: number;
    /** How long a connection that was ended may take to close, and a relay to drain. */
    readonly closeWithinMs: 2000;
    /** How long mail is kept at most, s. */
    readonly mailLifetimeS: 3600;
    readonly mailbox: {
        readonly maxWaiting: 1000;
        readonly maxWaitingBytes: number;
        readonly maxOnTheWay: 1024;
        readonly maxOnTheWayBytes: number;
    };
    /** All mailboxes together, with what each message costs beside its bytes. */
    readonly mailTotalBytes: number;
    /** Devices and accounts whose place in the store is remembered. */
    readonly rememberedDevices: 20000;
    readonly rendezvousLifetimeMs: number;
    readonly rendezvousPerDevice: 16;
    /** All rendezvous together, so that memory is bounded. */
    readonly rendezvousTotal: 4096;
    /** The messages of all rendezvous together. */
    readonly rendezvousTotalBytes: number;
    readonly sendersPerRendezvous: 16;
    readonly messagesPerRendezvous: 64;
    /** Polls that may wait at one rendezvous at a time. */
    readonly pollsPerRendezvous: 32;
    readonly maxRendezvousMessageBytes: number;
    readonly maxPollMs: 30000;
    /** After how long a poll that waits asks the store again, should word from another node have been lost. */
    readonly lookAgainMs: 5000;
    /** Lines (spec/relay.md): bodies, waits, and how long one that nobody fetches from stays. */
    readonly maxPostedBytes: number;
    readonly maxFetchedBytes: number;
    readonly maxLinePollMs: 25000;
    readonly lineIdleMs: 60000;
    /** How long the last frames of a line that has ended can be fetched, and one stays whose fetch was broken off. */
    readonly lineLastFetchMs: 15000;
    /** Pushes by one device, and pushes to one. */
    readonly pushesPerMinute: 30;
    readonly pushesPerHour: 300;
    /** Pushes that wait for push services, all together. */
    readonly pushesUnderWay: 128;
    /** How long a push service may take. */
    readonly pushWithinMs: 8000;
    readonly maxPushLifetimeS: 3600;
    /** A connected device that has not acked for longer is taken for asleep, and pushed to. */
    readonly unackedForMs: 3000;
    /** Endpoints whose push services want to hear nothing for a while, remembered. */
    readonly quietPushEndpoints: 1024;
    /** Devices that one account may have. */
    readonly devicesPerAccount: 32;
    /** The same for an account with a chain: as many as may be active on one (spec/account.md), and some that are not. */
    readonly devicesPerChainAccount: 288;
    /** The links of one chain together. */
    readonly chainBytes: number;
    /** Chains whose replay is remembered, by the links that they have together. */
    readonly rememberedLinks: 100000;
    /** Posts to chains by one device in a minute, and requests for links by one address. */
    readonly chainPostsPerMinute: 30;
    readonly chainFetchesPerMinute: 120;
    readonly chainGrantLifetimeMs: number;
    readonly chainGrantsPerChain: 16;
    readonly chainGrantsTotal: 10000;
    /** Previous seeds in one answer. */
    readonly seedsPerAnswer: 512;
    /** Records of account data that one chain may have. */
    readonly recordsPerChain: 1024;
    /** Invitations that the devices of one account may have out at a time. */
    readonly invitationsPerAccount: 32;
    /** All invitations together. */
    readonly invitationsTotal: 10000;
    /** Devices that a relay knows at most, unless it is told otherwise. */
    readonly maxDevices: 100000;
    /** Devices that nobody let in and that may come from one address within an hour. */
    readonly strangersPerHour: 30;
    /** After how long a device that was not connected is forgotten, unless the operator let it in. */
    readonly retentionDays: 180;
    /** How often the store is rid of what is over. */
    readonly sweepEveryMs: 30000;
    /** Requests other than posts that an address may make at rendezvous in a minute. */
    readonly fetchesPerMinute: 600;
    readonly nameplatesPerMinute: 10;
    /** GitHub sign-ins under way, all together; each for ten minutes at most. */
    readonly signInsTotal: 10000;
    readonly signInLifetimeMs: number;
    /** How long the nonce is good that a device signs before it begins one; as many are out as sign-ins are under way. */
    readonly signInNonceLifetimeMs: number;
    /** Sign-ins that an address may begin, or come back from, in a minute. */
    readonly signInsPerMinute: 20;
};
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
export declare const defaultRates: Rates;
