/** What travels between devices, sealed and opened (spec/envelope.md). Pure. */
export { encodeContent, MAX_TOLD_DEVICES, parseContent } from './content.ts';
export type { Content, ContentKind } from './content.ts';
export { ClockSkewError, MessageError, NotUnderstoodError } from './message-error.ts';
export type { MessageFault } from './message-error.ts';
export { CLOCK_TOLERANCE_MS, Opener } from './opener.ts';
export type { Opened, OpenerOptions } from './opener.ts';
export { cutPreview } from './preview.ts';
export type { Previewed } from './preview.ts';
export { MAX_STREAMS_PER_SENDER, MemoryReplayStore } from './replay-store.ts';
export type { ReplayStore } from './replay-store.ts';
export { REPLAY_WINDOW_BITS, ReplayWindow } from './replay-window.ts';
export { isAllowed } from './role-table.ts';
export { DEFAULT_LIFETIME_MS, MAX_LIFETIME_MS, Sealer } from './sealer.ts';
export type { SealerOptions } from './sealer.ts';
export { parseStreamId } from './signed-map.ts';
export type { StreamId } from './signed-map.ts';
