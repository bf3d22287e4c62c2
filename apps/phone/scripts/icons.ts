/** Draws the PNG icons from public/icons/palmkey.svg: `npx tsx apps/phone/scripts/icons.ts` after the drawing changes. */
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const folder = new URL('../public/icons/', import.meta.url).pathname;
const drawing = await readFile(`${folder}palmkey.svg`, 'utf8');
const square = drawing.replace('rx="15"', 'rx="0"');
// A maskable icon may lose its outer fifth to the launcher's shape (W3C manifest, "safe zone").
const maskable = square.replace('viewBox="0 0 64 64"', 'viewBox="-8 -8 80 80" style="background:#0a5c44"');
// Phones paint a notification's badge in one colour, by its transparency alone: the hand, with its keyhole cut out.
const badge = drawing
  .replace(/<rect[^>]*>/, '<mask id="hole"><rect width="64" height="64" fill="#fff"/>' + keyhole() + '</mask>')
  .replace(keyhole('#0a5c44'), '')
  .replace('d="M19.75', 'mask="url(#hole)" d="M19.75');

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
for (const [name, svg, size] of [
  ['app-192.png', drawing, 192],
  ['app-512.png', drawing, 512],
  ['maskable-512.png', maskable, 512],
  ['touch-180.png', square, 180],
  ['badge-96.png', badge, 96],
] as const) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<body style="margin:0">${svg.replace('<svg ', `<svg width="${size}" height="${size}" display="block" `)}`,
  );
  await page.screenshot({ path: folder + name, omitBackground: true });
}
await browser.close();

function keyhole(fill = '#000'): string {
  const path = /<path d="M33 36[^>]*>/.exec(drawing)?.[0] ?? '';
  return path.replace('#0a5c44', fill);
}
