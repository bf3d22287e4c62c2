/** Horizontal bars as SVG text. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly look: 'ours' | 'peer';
}

export interface Group {
  /** Empty for bars that need none over them. */
  readonly label: string;
  readonly bars: readonly Bar[];
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly groups: readonly Group[];
}

const width = 720;
const labelsWidth = 176;
const valuesWidth = 96;
const margin = 16;
const barHeight = 18;
const barGap = 6;
const groupLabelHeight = 26;
const groupGap = 14;
const titleHeight = 44;

/** How text, bars and the ground look, light and dark by the reader's scheme. */
export const style = `
  text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #17211d; }
  .title { font-size: 16px; font-weight: 600; }
  .group { font-weight: 600; }
  .value { font-variant-numeric: tabular-nums; }
  .ground { fill: #f3f6f4; }
  .ours { fill: #0a5c44; }
  .peer { fill: #9aa8a2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e4ece8; }
    .ground { fill: #0b110f; }
    .ours { fill: #3fb58c; }
    .peer { fill: #5d6b65; }
  }`;

/** One scale for all bars, from zero; the numbers stand in the description too. */
export function barChart({ title, unit, groups }: Chart): string {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const perUnit = (width - 2 * margin - labelsWidth - valuesWidth) / most;
  const lines: string[] = [];
  let y = titleHeight;
  for (const { label, bars } of groups) {
    if (label !== '') {
      lines.push(`<text class="group" x="${margin}" y="${y + 16}">${escaped(label)}</text>`);
      y += groupLabelHeight;
    }
    for (const bar of bars) {
      const length = Math.max(1, bar.value * perUnit);
      const left = margin + labelsWidth;
      const base = y + barHeight - 4;
      lines.push(
        `<text x="${left - 10}" y="${base}" text-anchor="end">${escaped(bar.label)}</text>`,
        `<rect class="${bar.look}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="3"/>`,
        `<text class="value" x="${(left + length + 8).toFixed(1)}" y="${base}">${figure(bar.value)} ${unit}</text>`,
      );
      y += barHeight + barGap;
    }
    y += groupGap;
  }
  const height = y - groupGap + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description(groups, unit))}</desc>`,
    `<style>${style}\n</style>`,
    ground(width, height),
    `<text class="title" x="${margin}" y="30">${escaped(title)}</text>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

/** What the picture stands on. */
export function ground(width: number, height: number): string {
  return `<rect class="ground" width="${width}" height="${height}" rx="12"/>`;
}

function description(groups: readonly Group[], unit: string): string {
  return groups
    .map(({ label, bars }) => {
      const said = bars.map((bar) => `${bar.label} ${figure(bar.value)} ${unit}`).join(', ');
      return label === '' ? said : `${label}: ${said}`;
    })
    .join('. ');
}

/** A number for people: whole from a hundred on. */
export function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 1 ? 2 : 1);
}

/** Text as it may stand in XML. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
