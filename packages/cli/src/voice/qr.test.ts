import decodeQR from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { drawQr, isLightTerminal } from './qr.ts';

const link = `https://palmkey.example.org/pair#${'A'.repeat(120)}`;

/** What a camera sees: half blocks as pixels, ink and ground of the terminal. */
function photograph(lines: readonly string[], light: boolean) {
  const scale = 4;
  const columns = Math.max(...lines.map((line) => line.length)) + 4;
  const rows = lines.length * 2 + 4;
  const data = new Uint8Array(columns * rows * scale * scale * 4).fill(255);
  for (let y = 0; y < rows * scale; y += 1) {
    for (let x = 0; x < columns * scale; x += 1) {
      const row = Math.floor(y / scale) - 2;
      const cell = lines[Math.floor(row / 2)]?.[Math.floor(x / scale) - 2] ?? ' ';
      const inked = cell === '█' || cell === (row % 2 === 0 ? '▀' : '▄');
      data.fill(inked === light ? 0 : 255, (y * columns * scale + x) * 4, (y * columns * scale + x) * 4 + 3);
    }
  }
  return { width: columns * scale, height: rows * scale, data };
}

describe('drawQr', () => {
  it.each([true, false])('decodes on a terminal that is light: %s', (light) => {
    const lines = drawQr(link, { columns: 80, light });
    expect(decodeQR(photograph(lines ?? [], light))).toBe(link);
  });

  it('fits 80 columns, however wide the terminal', () => {
    const widest = Math.max(...(drawQr(link, { columns: 300, light: false }) ?? []).map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(80);
    expect(widest).toBeGreaterThan(40);
  });

  it('is left out where it does not fit', () => {
    expect(drawQr(link, { columns: 40, light: false })).toBeUndefined();
    expect(drawQr('x'.repeat(3000), { columns: 80, light: false })).toBeUndefined();
  });
});

describe('isLightTerminal', () => {
  it.each([
    ['0;15', true],
    ['0;default;7', true],
    ['15;0', false],
    ['7;8', false],
    [undefined, false],
    ['', false],
  ])('%s', (value, light) => expect(isLightTerminal(value)).toBe(light));
});
