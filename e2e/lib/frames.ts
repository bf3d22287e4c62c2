/** What a test awaits of the frames that come to a device. */
import { FrameType, type Frame } from '@palmkey/envelope';
import type { TestDevice, TestSocket } from '../../packages/relay/src/testing/test-device.ts';

/** The frames up to the first that is looked for, which is the last of them. */
export async function until(socket: TestSocket, isIt: (frame: Frame) => boolean): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (;;) {
    const frame = await socket.next();
    frames.push(frame);
    if (isIt(frame)) return frames;
  }
}

/** Whether it is an error. */
export const isError = (frame: Frame): boolean => frame.type === FrameType.error;
/** Whether it is somebody's message. */
export const isMessage = (frame: Frame): boolean => frame.type === FrameType.unicast;
/** So many of a sender's mail are settled. */
export const settles = (count: number) => (frame: Frame) => frame.type === FrameType.ack && frame.number === count;
/** A live message to oneself comes back. */
export async function worksFor(device: TestDevice, socket: TestSocket, number: number): Promise<void> {
  socket.unicast(device.id, number, Uint8Array.of(1));
  await until(socket, (frame) => isMessage(frame) && frame.number === number);
}
