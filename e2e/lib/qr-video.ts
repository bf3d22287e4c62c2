/** The QR code that a terminal really printed, as a film for Chromium's fake camera. */
import { writeFileSync } from 'node:fs';

/** Pixels for a module and around the code. */
const scale = 8;
const width = 640;
const height = 640;
const frames = 5;

/** Rows of light (true) and dark as a dark terminal shows the half blocks of `output`. Throws when there is no code in it. */
export function readHalfBlocks(output: string): boolean[][] {
  const lines = output.split('\n').map((line) => line.replace(/\r$/, ''));
  const isCode = (line: string) => /^\s*[█▀▄ ]{20,}\s*$/.test(line) && /[█▀▄]/.test(line);
  const start = lines.findIndex(isCode);
  if (start < 0) throw new Error('no QR code was printed');
  let end = start;
  while (end < lines.length && isCode(lines[end] ?? '')) end += 1;
  const block = lines.slice(start, end);
  const indent = Math.min(...block.map((line) => line.search(/[█▀▄]/)));
  const columns = Math.max(...block.map((line) => line.trimEnd().length)) - indent;
  const rows: boolean[][] = [];
  for (const line of block) {
    const cells = Array.from(line.slice(indent).padEnd(columns)).slice(0, columns);
    rows.push(cells.map((cell) => cell === '█' || cell === '▀'));
    rows.push(cells.map((cell) => cell === '█' || cell === '▄'));
  }
  return rows;
}

/** Writes a y4m film (C420) of the code on a light ground. */
export function writeQrVideo(path: string, rows: readonly (readonly boolean[])[]): void {
  const luma = Buffer.alloc(width * height, 235);
  const left = Math.floor((width - (rows[0]?.length ?? 0) * scale) / 2);
  const top = Math.floor((height - rows.length * scale) / 2);
  rows.forEach((row, y) =>
    row.forEach((light, x) => {
      for (let dy = 0; dy < scale; dy += 1) {
        const offset = (top + y * scale + dy) * width + left + x * scale;
        luma.fill(light ? 235 : 16, offset, offset + scale);
      }
    }),
  );
  const chroma = Buffer.alloc((width * height) / 2, 128);
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`);
  const one = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
  writeFileSync(path, Buffer.concat([header, ...Array.from({ length: frames }, () => one)]));
}
