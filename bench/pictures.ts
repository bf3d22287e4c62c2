/**
 * Bars and curves of kept results (`bench/results/NAME.json`) as SVG in docs/: light and dark by the reader's scheme, with a
 * title and a description for those who do not see them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Curve, lineChart } from './line-chart.ts';
import type { Row } from './rows.ts';
import { type Bar, barChart, type Group } from './svg.ts';

const results = new URL('results/', import.meta.url);
const docs = new URL('../docs/', import.meta.url);

/** What is drawn of a bench. */
interface Picture {
  readonly name: string;
  /** Whose rows, if not those of the bench of that name. */
  readonly of?: string;
  readonly title: string;
  readonly unit: string;
  groups?(rows: readonly Row[]): Group[];
  curves?(rows: readonly Row[]): Curve[];
}

const pictures: readonly Picture[] = [
  {
    name: 'login',
    title: 'A login, beside ssh-agent',
    unit: 'ms',
    groups: (rows) => beside(rows, 'p50_ms', ['Palmkey', 'ssh-agent']),
  },
  {
    name: 'legs',
    of: 'login',
    title: 'Where the time goes that a login takes in Palmkey',
    unit: 'ms',
    groups: (rows) => [
      {
        label: '',
        bars: rows
          .filter(({ metric, subject }) => metric === 'leg_ms' && subject !== 'ssh')
          .map(({ subject, value }) => ({ label: subject, value, look: 'ours' })),
      },
    ],
  },
  {
    name: 'git',
    title: 'A signed commit, beside ssh-keygen with ssh-agent',
    unit: 'ms',
    groups: (rows) => beside(rows, 'p50_ms', ['Palmkey', 'ssh-keygen']),
  },
  {
    name: 'envelope',
    title: 'Opening and sealing a message, beside RSA-OAEP-4096',
    unit: 'ms',
    groups: (rows) =>
      (['Node', 'Chromium'] as const).flatMap((where) => [
        ...beside(one(rows, `1 KiB to 1 recipient, cached (${where})`), 'open_ms', both, `Open 1 KiB (${where})`),
        ...beside(
          one(rows, `1 KiB to 20 recipients, cached (${where})`),
          'seal_ms',
          both,
          `Seal 1 KiB to 20 (${where})`,
        ),
      ]),
  },
  {
    name: 'provisioning',
    title: 'A device joins the account, beside its arithmetic and trips alone',
    unit: 'ms',
    groups: (rows) => beside(rows, 'total_ms', ['Palmkey', 'alone']),
  },
  {
    name: 'chain-growth',
    of: 'chain',
    title: 'What replaying an account costs, for each link',
    unit: 'µs',
    curves: (rows) =>
      costs.map(({ label, of }) => ({
        label,
        points: rows
          .filter(({ metric, subject }) => metric === 'us_per_link' && subject === 'ours')
          .flatMap(({ case: name, value }) => {
            const x = of.exec(name)?.[1];
            return x === undefined ? [] : [{ x: Number(x), y: value }];
          })
          .sort((a, b) => a.x - b.x),
      })),
  },
  {
    name: 'relay',
    title: 'Messages of 1 KiB for each second of a core, thousands',
    unit: 'k/s',
    groups: (rows) =>
      ['2 connections', '200 connections', '2000 connections'].map((label) => ({
        label,
        bars: one(rows, label)
          .filter(({ metric }) => metric === 'messages_per_core_second')
          .map(({ subject, value }) => ({
            label: subject === 'ours' ? 'Palmkey' : subject === 'ours, live' ? 'Palmkey, live' : subject,
            value: value / 1000,
            look: subject.startsWith('ours') ? 'ours' : 'peer',
          })),
      })),
  },
  {
    name: 'relay-growth',
    of: 'relay',
    title: 'What a message costs the relay',
    unit: 'µs of a core',
    curves: (rows) =>
      ['connections', 'accounts', 'queued in a mailbox'].map((label) => ({
        label,
        points: rows
          .filter(({ case: name }) => name.startsWith('growth: ') && name.endsWith(` ${label}`))
          .map(({ case: name, value }) => ({ x: Number(name.split(' ')[1]), y: value })),
      })),
  },
];
const both = ['Palmkey', 'RSA-OAEP-4096'] as const;
/** What a chain may have more of. */
const costs = [
  { label: 'links', of: /^(\d+) links$/ },
  { label: 'members, of 1,000 links', of: /^1000 links, (\d+) members$/ },
  { label: 'generations', of: /^(\d+) generations replayed$/ },
];

/** Draws every picture whose results are kept; returns the files. */
export function drawPictures(): string[] {
  return pictures.flatMap((picture) => {
    const kept = new URL(`${picture.of ?? picture.name}.json`, results);
    if (!existsSync(kept)) return [];
    const rows = JSON.parse(readFileSync(kept, 'utf8')) as Row[];
    const file = fileURLToPath(new URL(`bench-${picture.name}.svg`, docs));
    const { title, unit } = picture;
    if (picture.groups) writeFileSync(file, barChart({ title, unit, groups: picture.groups(rows) }));
    if (picture.curves) writeFileSync(file, lineChart({ title, unit, curves: picture.curves(rows) }));
    return [file];
  });
}

/** A group for each case: ours, and the peer with the ratio. */
function beside(
  rows: readonly Row[],
  metric: string,
  [ours, theirs]: readonly [string, string],
  label?: string,
): Group[] {
  const wanted = rows.filter((row) => row.metric === metric);
  return [...new Set(wanted.map((row) => row.case))].map((name) => ({
    label: label ?? name,
    bars: wanted
      .filter((row) => row.case === name)
      .map((row): Bar =>
        row.subject === 'ours'
          ? { label: ours, value: row.value, look: 'ours' }
          : { label: theirs, value: row.value, look: 'peer' },
      ),
  }));
}

function one(rows: readonly Row[], name: string): Row[] {
  return rows.filter((row) => row.case === name);
}
