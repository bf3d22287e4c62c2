import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { LiveBlock } from './live-block.ts';

it('LiveBlock goes back over the rows that it wrote, wrapped ones included, and is quiet when nothing changed', () => {
  const screen = Object.assign(new PassThrough().setEncoding('utf8'), { columns: 10 });
  const block = new LiveBlock(screen);
  block.show(['one', 'x'.repeat(15)]);
  block.show(['one', 'x'.repeat(15)]);
  block.show(['two']);
  block.leave();
  block.show(['three']);
  expect(screen.read()).toBe(`\u001b[Jone\n${'x'.repeat(15)}\n\u001b[3A\r\u001b[Jtwo\n\u001b[Jthree\n`);
});
