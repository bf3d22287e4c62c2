import {
  encodeAccountRecords,
  encodeChainBoxes,
  encodeChainHead,
  encodeChainWritten,
  FrameError,
  FrameType,
  parseChainBoxesAsk,
  parseChainGrant,
  parseChainPart,
  parseChainPost,
  parseChainReadAsk,
  parseChainWrite,
  type Frame,
} from '@palmkey/envelope';
import type { ChainChange, ChainUser } from './order-ports.ts';
import { doneFrame } from './relay-frames.ts';
import type { Switchboard } from './switchboard.ts';

/** The answer to an order about chains, and what a post has changed. */
export interface ChainAnswer {
  readonly frame: Uint8Array;
  readonly change: ChainChange | null;
}

/**
 * Does what a device orders about the chain that it is on, or joins (spec/account.md, "At the relay"); null for a frame
 * that is no such order. Throws `RelayError` where the order cannot be followed and `FrameError` where it is none.
 */
export async function obeyChainOrder(board: Switchboard, by: ChainUser, frame: Frame): Promise<ChainAnswer | null> {
  const { chainOrders } = board.ports;
  const { number, body } = frame;
  const done = (answer?: Uint8Array<ArrayBuffer>): ChainAnswer => ({ frame: doneFrame(number, answer), change: null });
  switch (frame.type) {
    case FrameType.chainPost: {
      const change = await chainOrders.post(by, parseChainPost(body));
      if (change !== null) await board.chainChanged(change, by.device);
      return { frame: doneFrame(number), change };
    }
    case FrameType.chainPart:
      await chainOrders.part(by, parseChainPart(body));
      return done();
    case FrameType.chainGrant:
      await chainOrders.grant(by, parseChainGrant(body));
      return done();
    case FrameType.chainAsk: {
      if (body.length > 0) throw new FrameError('bad-frame', 'an order that takes no body');
      const head = await chainOrders.ask(by);
      return head === null ? done() : done(encodeChainHead(head));
    }
    case FrameType.chainBoxes:
      return done(encodeChainBoxes(await chainOrders.boxes(by, parseChainBoxesAsk(body))));
    case FrameType.chainRead:
      return done(encodeAccountRecords(await chainOrders.read(by, parseChainReadAsk(body))));
    case FrameType.chainWrite: {
      const written = await chainOrders.write(by, parseChainWrite(body));
      if (written !== null) board.dataWritten(written, by.device);
      return done(encodeChainWritten(written?.word.revision ?? 0));
    }
    default:
      return null;
  }
}
