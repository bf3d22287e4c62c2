import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StateError } from '../state/errors.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { ControlClient } from './client.ts';
import { ControlError } from './control-error.ts';
import { encodeLine, LineReader } from './lines.ts';
import type { CallName, StatusFact } from './protocol.ts';
import { type Caller, ControlServer, type Handlers } from './server.ts';

const facts = { version: '1' } as StatusFact;
const never = new Promise<never>(() => undefined);
let folder: ReturnType<typeof tempFolder>;
let path: string;
let handlers: Handlers;
let server: ControlServer;

beforeEach(async () => {
  folder = tempFolder();
  path = folder.at('control.sock');
  handlers = {
    status: () => Promise.resolve(facts),
    watch: () => never,
    log: () => Promise.resolve([]),
    pair: () => never,
    'pair-code': () => Promise.resolve(null),
    unpair: () => Promise.resolve({ name: 'Pixel', told: true }),
    'ping-phone': () => Promise.resolve({ answered: false, received: false, tookMs: null, code: null, skewMs: null }),
    'git-sign': () => Promise.resolve({ signature: '' }),
    account: () => Promise.resolve(null),
    'account-leave': () => Promise.resolve(null),
    'account-move': () => Promise.resolve(null),
    offers: () => Promise.resolve({ keys: [], off: [] }),
    offer: () => Promise.resolve({ keys: [], off: [] }),
    prefer: () => Promise.resolve({ keys: [], off: [] }),
    'offer-off': () => Promise.resolve({ keys: [], off: [] }),
    'key-uses': () => Promise.resolve({ keys: [], uses: [] }),
    'key-replaced': () => Promise.resolve(null),
    unlock: () => Promise.resolve(null),
    lock: () => Promise.resolve(null),
    'change-passphrase': () => Promise.resolve(null),
    'lead-with': () => Promise.resolve(null),
    stop: () => Promise.resolve(null),
  };
  server = await ControlServer.listen(path, handlers);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Resolves with the caller of the next call of that name. */
function called<Name extends CallName>(name: Name): Promise<Caller<Name>> {
  return new Promise((resolve) => {
    const handler = (_args: unknown, caller: Caller<Name>) => {
      resolve(caller);
      return never;
    };
    Object.assign(handlers, { [name]: handler });
  });
}

/** Speaks bytes, and gives what comes back until the connection ends. */
async function raw(text: string | Buffer): Promise<unknown[]> {
  const socket = connect(path);
  const reader = new LineReader();
  const lines: unknown[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => lines.push(...reader.push(chunk)));
  socket.write(text);
  await once(socket, 'close');
  return lines;
}

async function open(): Promise<Socket> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('the socket is for its owner alone, and takes the place of one left over', async () => {
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(folder.at('stale'), '');
  await using another = await ControlServer.listen(folder.at('stale'), handlers);
  const client = await ControlClient.connect(folder.at('stale'));
  expect(await client.call('status', {})).toEqual(facts);
  client.close();
  expect(another).toBeDefined();
});

test('listen says so where there can be no socket', async () => {
  mkdirSync(folder.at('taken/full'), { recursive: true });
  await expect(ControlServer.listen(folder.at('taken'), handlers)).rejects.toThrow(StateError);
  await expect(ControlServer.listen(folder.at('no/folder'), handlers)).rejects.toThrow(StateError);
});

describe('a call', () => {
  test('gets its result, its own among several at once', async () => {
    const client = await ControlClient.connect(path);
    handlers.log = ({ limit }) => Promise.resolve([{ at: limit } as never]);
    const results = await Promise.all([5, 6].map((limit) => client.call('log', { limit })));
    expect(results).toEqual([[{ at: 5 }], [{ at: 6 }]]);
    client.close();
  });

  test('gets events, then its result', async () => {
    handlers.pair = async (_args, { emit }) => {
      emit({ is: 'phone-arrived' });
      emit({ is: 'finishing' });
      return Promise.resolve({ phone: {} as never });
    };
    const client = await ControlClient.connect(path);
    const events: unknown[] = [];
    await client.call('pair', {}, (event) => events.push(event));
    expect(events).toEqual([{ is: 'phone-arrived' }, { is: 'finishing' }]);
    client.close();
  });

  test.each([
    [new ControlError('no-such-phone', { phone: 'x' }), 'no-such-phone', { phone: 'x' }],
    [new StateError('not-writable', '/a'), 'not-writable', { path: '/a', found: null }],
    [new TypeError('oops'), 'internal', { message: 'oops' }],
  ])('gets %s', async (error, code, detail) => {
    handlers.unpair = () => {
      throw error;
    };
    const client = await ControlClient.connect(path);
    await expect(client.call('unpair', { phone: 'x' })).rejects.toMatchObject({ name: 'ControlError', code, detail });
    expect(await client.call('status', {})).toEqual(facts);
    client.close();
  });

  test.each([
    ['log', {}],
    ['log', { limit: 0 }],
    ['log', { limit: 1.5 }],
    ['log', { limit: 10_001 }],
    ['log', { limit: '5' }],
    ['pair', { relay: 'nonsense' }],
    ['pair', { relay: 'https://relay.example/path' }],
    ['pair', { app: 7 }],
    ['pair-code', { code: 123456 }],
    ['unpair', {}],
    ['offer', { key: 'SHA256:a', to: [] }],
    ['offer', { key: 'SHA256:a', to: 'h' }],
    ['prefer', {}],
    ['offer-off', { pattern: 'h' }],
    ['key-replaced', { keys: ['x'], by: 'x', user: null, host: null, port: null }],
    ['unlock', {}],
    ['unlock', { passphrase: 'x'.repeat(2049) }],
    ['change-passphrase', { old: 'x' }],
    ['no-such-call', {}],
    ['constructor', {}],
  ])('%s with %j is refused, and the connection goes on', async (call, args) => {
    const socket = await open();
    const lines: unknown[] = [];
    const reader = new LineReader();
    const two = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        lines.push(...reader.push(chunk));
        if (lines.length === 2) resolve();
      });
    });
    socket.write(encodeLine({ id: 1, call, ...args }) + encodeLine({ id: 2, call: 'stop' }));
    await two;
    expect(lines).toEqual([
      { id: 1, error: { code: 'bad-call', detail: { call } } },
      { id: 2, result: null },
    ]);
    socket.destroy();
  });
});

describe('a connection ends', () => {
  test.each([
    ['text that is no JSON', 'hello\n'],
    ['bytes', Buffer.from([0xff, 0xfe, 0x0a])],
    ['what is no object', '[]\n'],
    ['null', 'null\n'],
    ['a call without a number', '{"call":"status"}\n'],
    ['a line without an end', 'x'.repeat(1024 * 1024 + 2)],
  ])('on %s', async (_, text) => {
    expect(await raw(text)).toEqual([]);
  });

  test('when the client vanishes in the middle of a call or of a line, and its handlers hear of it', async () => {
    const pairing = called('pair');
    const socket = await open();
    socket.write(`${encodeLine({ id: 1, call: 'pair' })}{"id":2,"ca`);
    const { signal } = await pairing;
    socket.destroy();
    if (!signal.aborted) await once(signal, 'abort');
    const client = await ControlClient.connect(path);
    expect(await client.call('status', {})).toEqual(facts);
    client.close();
  });

  test('when a watcher does not read what it is told', async () => {
    const watching = called('watch');
    const socket = await open();
    socket.pause();
    socket.write(encodeLine({ id: 1, call: 'watch' }));
    const { emit, signal } = await watching;
    const long = { ...facts, home: 'x'.repeat(1024 * 1024) };
    for (let i = 0; i < 20; i += 1) emit(long);
    if (!signal.aborted) await once(signal, 'abort');
    emit(facts);
    socket.destroy();
  });

  test('with the server, also for a client that does not read', async () => {
    const watching = called('watch');
    const socket = await open();
    socket.pause();
    socket.write(encodeLine({ id: 1, call: 'watch' }));
    const { emit, signal } = await watching;
    emit({ ...facts, home: 'x'.repeat(3 * 1024 * 1024) });
    await server[Symbol.asyncDispose]();
    expect(signal.aborted).toBe(true);
    expect(() => statSync(path)).toThrow();
    socket.destroy();
    server = await ControlServer.listen(path, handlers);
  });
});

describe('ControlClient', () => {
  test('says that nobody is there', async () => {
    for (const nowhere of ['none.sock', 'file']) {
      writeFileSync(folder.at('file'), '');
      await expect(ControlClient.connect(folder.at(nowhere))).rejects.toMatchObject({ code: 'not-running' });
    }
  });

  test('rejects what is open when the daemon goes, and what is called after it', async () => {
    const client = await ControlClient.connect(path);
    const watching = called('watch');
    const open = client.call('watch', {});
    await watching;
    const ended = server[Symbol.asyncDispose]();
    await expect(open).rejects.toMatchObject({ code: 'disconnected' });
    await expect(client.call('status', {})).rejects.toMatchObject({ code: 'disconnected' });
    await ended;
    server = await ControlServer.listen(path, handlers);
  });

  test('rejects what is called after close', async () => {
    const client = await ControlClient.connect(path);
    client.close();
    await expect(client.call('status', {})).rejects.toMatchObject({ code: 'disconnected' });
  });

  test.each(['garbage\n', '{"id":"x"}\n', '{"id":1,"error":{"code":5}}\n'])('hangs up on %j', async (answer) => {
    const other = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .write(answer),
    );
    other.listen(folder.at('other.sock'));
    await once(other, 'listening');
    const client = await ControlClient.connect(folder.at('other.sock'));
    await expect(client.call('status', {})).rejects.toMatchObject({ code: 'disconnected' });
    await new Promise((resolve) => other.close(resolve));
  });

  test('passes over answers to calls that it never made', async () => {
    const lines = [
      { id: 99, result: 1 },
      { id: 1, event: 'e' },
      { id: 1, result: 'r' },
      { id: 1, result: 'again' },
    ];
    const other = createServer((socket) => socket.once('data', () => socket.end(lines.map(encodeLine).join(''))));
    other.listen(folder.at('other.sock'));
    await once(other, 'listening');
    const client = await ControlClient.connect(folder.at('other.sock'));
    const events: unknown[] = [];
    expect(await client.call('watch', {}, (event) => events.push(event))).toBe('r');
    expect(events).toEqual(['e']);
    await new Promise((resolve) => other.close(resolve));
  });
});

test('LineReader takes 12 MiB of a git-sign, and 1 MiB of anything else', () => {
  const push = (call: string, length: number) => {
    const reader = new LineReader();
    const line = Buffer.from(encodeLine({ id: 1, call, object: 'x'.repeat(length) }));
    const values: unknown[] = [];
    for (let at = 0; at < line.length; at += 65_536) values.push(...reader.push(line.subarray(at, at + 65_536)));
    return values.length;
  };
  expect(push('git-sign', 11.5 * 1024 * 1024)).toBe(1);
  expect(() => push('git-sign', 12 * 1024 * 1024)).toThrow(RangeError);
  expect(() => push('git-signs', 1024 * 1024)).toThrow(RangeError);
  expect(() => push('status', 1024 * 1024)).toThrow(RangeError);
  expect(push('status', 1024 * 1000)).toBe(1);
});

test('LineReader puts lines together however they are cut', () => {
  const bytes = Buffer.from(encodeLine({ a: 'é\n😀' }) + '\n' + encodeLine({ b: 1 }));
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const reader = new LineReader();
    const values = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))];
    expect(values).toEqual([{ a: 'é\n😀' }, { b: 1 }]);
  }
});
