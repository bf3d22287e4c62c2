import { parseSignature } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { parseChainFile, toChainFile } from './chain-file.ts';

const signature = parseSignature(new Uint8Array(64).fill(7));

describe('parseChainFile', () => {
  it('gives back every byte', () => {
    const links = [{ json: Uint8Array.from({ length: 256 }, (_, i) => i), signature }];
    expect(parseChainFile(JSON.stringify(toChainFile(links)))).toEqual(links);
  });

  it('passes over what else an export tells', () => {
    expect(parseChainFile(JSON.stringify({ account: 'x', ...toChainFile([]) }))).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['no links', '{}'],
    ['links that are none', '{"links":1}'],
    ['a character that is no byte', JSON.stringify({ links: [{ json: '\u0100', signature: '00'.repeat(64) }] })],
    ['half a signature', JSON.stringify({ links: [{ json: '', signature: '00'.repeat(32) }] })],
    ['a signature that is no hexadecimal', JSON.stringify({ links: [{ json: '', signature: 'zz'.repeat(64) }] })],
  ])('refuses %s', (_, text) => {
    expect(() => parseChainFile(text)).toThrow(expect.objectContaining({ code: 'bad-format' }));
  });
});
