import { expect, test } from 'vitest';
import { racingSockets } from './racing-sockets.ts';
import { FakeSockets } from './testing/fake-sockets.ts';
import { TestTimers } from './testing/test-timers.ts';

const url = 'wss://relay.example/v1/socket';
const hello = Uint8Array.of(1);

function newRace() {
  const ways = { socket: new FakeSockets(), line: new FakeSockets() };
  const timers = new TestTimers();
  const port = racingSockets(ways, timers);
  const events: string[] = [];
  const connect = () =>
    port.connect(url, {
      onOpen: () => events.push('open'),
      onMessage: (bytes) => events.push(`message ${bytes.join()}`),
      onClose: (code) => events.push(`close ${code}`),
    });
  const made = () => [ways.socket.all.length, ways.line.all.length];
  /** Two tries whose WebSocket fails, and a third that ends up on a line. */
  const onLine = () => {
    for (let i = 0; i < 2; i++) {
      connect();
      ways.socket.last.events.onClose(1006, '');
    }
    const socket = connect();
    ways.socket.last.events.onClose(1006, '');
    ways.line.last.events.onMessage(hello);
    ways.socket.last.events.onClose(1006, '');
    events.length = 0;
    return socket;
  };
  return { ...ways, timers, events, connect, made, onLine };
}

test('a WebSocket that brings its challenge within 3 s has no line beside it', () => {
  const { socket, timers, events, connect, made } = newRace();
  const connection = connect();
  timers.advance(2_999);
  socket.last.events.onOpen();
  socket.last.events.onMessage(hello);
  timers.advance(600_000);
  connection.send(Uint8Array.of(7));
  expect([events, made(), socket.last.sent]).toEqual([['open', 'message 1'], [1, 0], [Uint8Array.of(7)]]);
});

test('one that opens and brings nothing has a line tried, and the first challenge wins', () => {
  const { socket, line, timers, events, connect, made } = newRace();
  const connection = connect();
  socket.last.events.onOpen();
  timers.advance(3_000);
  expect(made()).toEqual([1, 1]);
  line.last.events.onMessage(hello);
  expect([events, socket.last.closed]).toEqual([['open', 'message 1'], true]);
  socket.last.events.onMessage(hello);
  socket.last.events.onClose(1006, '');
  connection.send(Uint8Array.of(7));
  expect([events, line.last.sent.length, socket.last.sent.length]).toEqual([['open', 'message 1'], 1, 0]);
  line.last.events.onClose(1006, '');
  expect(events.at(-1)).toBe('close 1006');
});

test('the WebSocket may still win when the line is late too', () => {
  const { socket, line, timers, events, connect } = newRace();
  connect();
  timers.advance(3_000);
  socket.last.events.onMessage(hello);
  expect([events, line.last.closed]).toEqual([['open', 'message 1'], true]);
});

test('after two failures before the challenge both are tried at once, and a try ends when both have failed', () => {
  const { socket, line, events, connect, made } = newRace();
  for (let i = 0; i < 2; i++) {
    connect();
    socket.last.events.onClose(1006, '');
  }
  expect([events, made()]).toEqual([
    ['close 1006', 'close 1006'],
    [2, 0],
  ]);
  connect();
  expect(made()).toEqual([3, 1]);
  line.last.events.onClose(1006, '');
  expect(events).toHaveLength(2);
  socket.last.events.onClose(1006, '');
  expect(events).toHaveLength(3);
});

test('a line that worked is tried first, and the WebSocket again where it fails', () => {
  const { line, connect, made, onLine, timers, socket } = newRace();
  onLine();
  line.last.events.onClose(1006, '');
  connect();
  expect(made()).toEqual([4, 2]);
  timers.advance(3_000);
  expect(made()).toEqual([5, 2]);
  line.last.events.onClose(1006, '');
  socket.last.events.onClose(1006, '');
  connect();
  expect(made()[0]).toBe(6);
});

test('on a line it looks every three minutes for a WebSocket, and leaves the line for one that works', () => {
  const { socket, line, timers, events, connect, made, onLine } = newRace();
  onLine();
  timers.advance(180_000);
  expect(made()).toEqual([5, 1]);
  socket.last.events.onClose(1006, '');
  expect(events).toEqual([]);
  timers.advance(180_000);
  timers.advance(10_000);
  expect([socket.last.closed, events]).toEqual([true, []]);
  timers.advance(170_000);
  socket.last.events.onMessage(hello);
  expect([events, line.last.closed, socket.last.closed]).toEqual([['close 1001'], true, true]);
  connect();
  expect(made()).toEqual([8, 1]);
  timers.advance(2_999);
  expect(made()).toEqual([8, 1]);
});

test('a line that is faster than a WebSocket after failures waits a second for it, and loses nothing by that', () => {
  const { socket, line, timers, events, connect, made } = newRace();
  for (let i = 0; i < 2; i++) {
    connect();
    socket.last.events.onClose(1006, '');
  }
  events.length = 0;
  connect();
  socket.last.events.onClose(1006, '');
  line.last.events.onMessage(hello);
  expect([made(), events]).toEqual([[4, 1], []]);
  timers.advance(999);
  socket.last.events.onMessage(Uint8Array.of(2));
  expect([events, line.last.closed]).toEqual([['open', 'message 2'], true]);
  socket.last.events.onClose(1006, '');
  events.length = 0;
  connect();
  timers.advance(3_000);
  for (const byte of [1, 3]) line.last.events.onMessage(Uint8Array.of(byte));
  expect([events, socket.last.closed]).toEqual([['open', 'message 1', 'message 3'], true]);
});

test('a line that waits for a WebSocket takes over when its time is up, or when it fails', () => {
  for (const end of ['time', 'failure']) {
    const { socket, line, timers, events, connect } = newRace();
    for (let i = 0; i < 2; i++) {
      connect();
      socket.last.events.onClose(1006, '');
    }
    events.length = 0;
    connect();
    for (const byte of [1, 3]) line.last.events.onMessage(Uint8Array.of(byte));
    expect(events).toEqual([]);
    if (end === 'time') timers.advance(1_000);
    else socket.last.events.onClose(1006, '');
    expect(events).toEqual(['open', 'message 1', 'message 3']);
    expect(line.last.closed).toBe(false);
  }
});

test('a line that ends while it waits leaves the try to the WebSocket', () => {
  const { socket, line, timers, events, connect } = newRace();
  for (let i = 0; i < 2; i++) {
    connect();
    socket.last.events.onClose(1006, '');
  }
  events.length = 0;
  connect();
  line.last.events.onMessage(hello);
  line.last.events.onClose(1006, '');
  timers.advance(1_000);
  expect(events).toEqual([]);
  socket.last.events.onMessage(hello);
  expect(events).toEqual(['open', 'message 1']);
});

test('closed, it starts nothing and says nothing more', () => {
  const { socket, timers, events, connect, made, onLine } = newRace();
  const early = connect();
  early.close();
  timers.advance(3_000);
  socket.last.events.onClose(1006, '');
  const late = onLine();
  late.close();
  timers.advance(600_000);
  expect([events, made()[1], timers.nextMs()]).toEqual([[], 1, undefined]);
});
