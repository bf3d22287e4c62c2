import { describe, expect, it } from 'vitest';
import { fixedBytes } from '../testing/fixed-keys.ts';
import { KeyHandles } from './key-handles.ts';

/** Handles that tell which key they were made of, and how many were made. */
function counted() {
  const made: string[] = [];
  const handles = new KeyHandles((raw) => {
    if (raw[0] === 0) throw new Error('no key');
    made.push(raw.join());
    return { of: raw.join() };
  });
  return { handles, made };
}

describe('KeyHandles', () => {
  it('makes one for each key, by its bytes', () => {
    const { handles, made } = counted();
    const key = fixedBytes('key');
    expect(handles.of(key)).toBe(handles.of(key.slice()));
    const other = key.slice();
    other[31] = (other[31] ?? 0) ^ 1;
    expect(handles.of(other).of).toBe(other.join());
    expect(made).toHaveLength(2);
  });

  it('keeps nothing of a key that is none, and nothing that was forgotten', () => {
    const { handles, made } = counted();
    const bad = new Uint8Array(32);
    expect(() => handles.of(bad)).toThrow('no key');
    expect(() => handles.of(bad)).toThrow('no key');
    const key = fixedBytes('key');
    const first = handles.of(key);
    handles.forget(key);
    expect(handles.of(key)).not.toBe(first);
    expect(made).toHaveLength(2);
  });

  it('keeps 256, and makes the oldest again', () => {
    const { handles, made } = counted();
    const key = (i: number) => Uint8Array.of(1, i >> 8, i & 255);
    for (let i = 0; i < 256; i++) handles.of(key(i));
    handles.of(key(0));
    expect(made).toHaveLength(256);
    handles.of(key(256));
    handles.of(key(1));
    expect(made).toHaveLength(257);
    handles.of(key(0));
    expect(made).toHaveLength(258);
  });
});
