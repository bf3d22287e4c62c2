/**
 * The replay windows of this computer, kept as an append-only file: what was accepted is on it before it is acted on.
 * One record is 50 bytes: sender (16) ‖ stream (16) ‖ u48 counter ‖ u48 forget after, ms since 1970 ‖ 6 zero bytes.
 */
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { DeviceId } from '@palmkey/envelope';
import { MemoryReplayStore, type ReplayStore } from '@palmkey/core/messages';
import { parseDeviceId } from '@palmkey/envelope';

const recordBytes = 50;
const rewriteAfterRecords = 20_000;
