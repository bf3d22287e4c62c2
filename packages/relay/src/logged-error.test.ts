import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { loggedError } from './logged-error.ts';

const id = randomBytes(16).toString('hex');
const grant = randomBytes(32).toString('base64url');

test('loggedError keeps kind, code, words, place and cause', () => {
  const cause = Object.assign(new TypeError('no such thing'), { code: 'ENOENT' });
  const logged = loggedError(new Error('the store cannot be opened', { cause }));
  expect(logged).toMatchObject({
    type: 'Error',
    message: 'the store cannot be opened',
    cause: { type: 'TypeError', code: 'ENOENT', message: 'no such thing' },
  });
  expect(logged.stack).toContain('logged-error.test.ts');
});

test('loggedError keeps nothing that a driver hangs on its errors', () => {
  const error = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: `Key (id)=(\\x${id})`,
    row: { id },
  });
  expect(Object.keys(loggedError(error)).sort()).toEqual(['code', 'message', 'stack', 'type']);
  expect(JSON.stringify(loggedError(error))).not.toContain(id);
});

test('loggedError cuts the names of devices and grants in words, whoever wrote them', () => {
  const text = JSON.stringify(
    loggedError(new Error(`no responders at palmkey.stored.${id} for /v1/rendezvous/${grant}`)),
  );
  expect(text).not.toContain(id);
  expect(text).not.toContain(grant);
  expect(text).toContain(`${id.slice(0, 8)}…`);
});

test('loggedError comes to an end with a circle, and with what is no error', () => {
  const circle = new Error('round');
  circle.cause = circle;
  expect(JSON.stringify(loggedError(circle)).match(/round/g)?.length).toBeLessThan(20);
  expect(loggedError(id)).toEqual({ type: 'string', message: 'thrown, and no error' });
});
