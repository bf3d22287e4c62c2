import { PalmkeyError } from '@palmkey/envelope';
import type { Peer } from '../devices/index.ts';
import type { Content } from './content.ts';

/**
 * Why a body was not sealed or not opened (spec/envelope.md, "Opening"); `too-large` is the sealer's: the content does
 * not fit one frame.
 */
export type MessageFault =
  | 'unopenable'
  | 'unknown-sender'
  | 'not-understood'
  | 'clock-skew'
  | 'not-allowed'
  | 'replayed'
  | 'too-large'
  | 'bad-recipients';

/** A message that must not be acted on. */
export class MessageError extends PalmkeyError {
  override readonly name = 'MessageError';
  readonly code: MessageFault;

  constructor(code: MessageFault, options?: { readonly cause?: unknown }) {
    super(`message: ${code}`, options);
    this.code = code;
  }
}

/**
 * Code `clock-skew`. The message is the sender's own, but of another time: `content` serves to put that in words, and
 * to refuse a request for this reason; nothing else may be done on it.
 */
export class ClockSkewError extends MessageError {
  /** The receiver's now − the sender's `sent`, ms; its sign says whose clock is ahead. */
  readonly skewMs: number;
  readonly sender: Peer;
  readonly content: Content;

  constructor(skewMs: number, sender: Peer, content: Content) {
    super('clock-skew');
    this.skewMs = skewMs;
    this.sender = sender;
    this.content = content;
  }
}

/**
 * Code `not-understood`. The message is the sender's own, but this version knows no such content: the sender runs a
 * newer one. Nothing may be done on it but to say so.
 */
export class NotUnderstoodError extends MessageError {
  readonly sender: Peer;

  constructor(sender: Peer) {
    super('not-understood');
    this.sender = sender;
  }
}
