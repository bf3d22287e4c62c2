/** Carries sealed bodies between this device and others by way of a relay (spec/relay.md). */
export { RelayError } from '@palmkey/envelope';
export type { RelayErrorCode } from '@palmkey/envelope';
export { browserSockets } from './browser-sockets.ts';
export { RelayClientError } from './errors.ts';
export type { RelayClientFault, UndeliveredCode } from './errors.ts';
export type { RelayDevice } from './handshake.ts';
export { HttpRendezvous } from './http-rendezvous.ts';
export type { Fetch, HttpRendezvousOptions } from './http-rendezvous.ts';
export { systemTimers } from './ports.ts';
export type { Socket, SocketEvents, SocketPort, Timers } from './ports.ts';
export { RelayClient } from './relay-client.ts';
export type { RelayClientOptions, SendOptions } from './relay-client.ts';
export type { ClientState, ConnectionFault } from './state.ts';
export { MAX_OUTBOX_BYTES, MAX_OUTBOX_MESSAGES, Outbox } from './outbox.ts';
export type { OutboxMessage, OutboxStore } from './outbox.ts';
export { memoryCursor } from './received-mail.ts';
export type { CursorStore } from './received-mail.ts';
