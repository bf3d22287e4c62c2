/** Curves as SVG text, a panel for each, side by side. */
import { escaped, figure, ground, style } from './svg.ts';

export interface Curve {
  readonly label: string;
  /** Ascending by x, all above zero; x is drawn by its logarithm, y from zero. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LineChart {
  readonly title: string;
  /** Of y. */
  readonly unit: string;
  readonly curves: readonly Curve[];
}

const width = 720;
const height = 260;
const margin = 16;
const top = 84;
const bottom = 214;
const gap = 28;
const LABEL_WIDTH = 36;

const lines = `
  .line { fill: none; stroke: #0a5c44; stroke-width: 2; }
  .dot { fill: #0a5c44; }
  .axis { stroke: #9aa8a2; }
  .small { font-size: 12px; }
  @media (prefers-color-scheme: dark) {
    .line { stroke: #3fb58c; }
    .dot { fill: #3fb58c; }
    .axis { stroke: #5d6b65; }
  }`;

/** One scale of y for all panels; the numbers stand at the points, where there is room, and all in the description. */
export function lineChart({ title, unit, curves }: LineChart): string {
  const most = Math.max(...curves.flatMap(({ points }) => points.map(({ y }) => y)));
  const panelWidth = (width - 2 * margin - gap * (curves.length - 1)) / curves.length;
  const parts = curves.map((curve, i) => panel(curve, margin + i * (panelWidth + gap), panelWidth, most));
  const said = curves.map(({ label, points }) => {
    return `${label}: ${points.map(({ x, y }) => `${x.toLocaleString('en')}: ${figure(y)} ${unit}`).join(', ')}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(said.join('. '))}</desc>`,
    `<style>${style}${lines}\n</style>`,
    ground(width, height),
    `<text class="title" x="${margin}" y="30">${escaped(`${title}, ${unit}`)}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function panel({ label, points }: Curve, left: number, panelWidth: number, most: number): string {
  const inset = 22;
  const first = Math.log(points[0]?.x ?? 1);
  const span = Math.log(points.at(-1)?.x ?? 1) - first || 1;
  const placed = points.map(({ x, y }) => ({
    x,
    y,
    atX: left + inset + ((Math.log(x) - first) / span) * (panelWidth - 2 * inset),
    atY: bottom - (y / most) * (bottom - top),
  }));
  return [
    `<text class="group" x="${left}" y="58">${escaped(label)}</text>`,
    `<line class="axis" x1="${left}" y1="${bottom}" x2="${left + panelWidth}" y2="${bottom}"/>`,
    `<polyline class="line" points="${placed.map(({ atX, atY }) => `${atX.toFixed(1)},${atY.toFixed(1)}`).join(' ')}"/>`,
    ...placed.map(({ atX, atY }) => `<circle class="dot" cx="${atX.toFixed(1)}" cy="${atY.toFixed(1)}" r="3.5"/>`),
    ...apart(placed).flatMap(({ x, y, atX, atY }) => [
      `<text class="small" x="${atX.toFixed(1)}" y="${(atY - 9).toFixed(1)}" text-anchor="middle">${figure(y)}</text>`,
      `<text class="small" x="${atX.toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${short(x)}</text>`,
    ]),
  ].join('\n');
}

/** Those whose numbers do not run into each other's: the last, which says how it grows, and before it what has room. */
function apart<T extends { readonly atX: number }>(placed: readonly T[]): readonly T[] {
  const last = placed.at(-1);
  const left: T[] = [];
  for (const point of placed) {
    const before = left.at(-1)?.atX ?? -Infinity;
    const after = point === last ? Infinity : (last?.atX ?? Infinity);
    if (point.atX - before >= LABEL_WIDTH && after - point.atX >= LABEL_WIDTH) left.push(point);
  }
  return left;
}

/** `100k` for 100,000: numbers below an axis have little room. */
function short(value: number): string {
  return value >= 1000 ? `${value / 1000}k` : String(value);
}
