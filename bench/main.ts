/**
 * `npm run bench -- NAME [CASE] [--quick] [--json] [--keep] [--minutes N]`: one benchmark, ours beside its peer in the same run; `--keep`
 * writes it to results/, where the rows of other cases stay. `npm run bench -- --pictures`: draws what is kept into docs/.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { app } from './app.ts';
import { chain } from './chain/chain.ts';
import { envelope } from './envelope/envelope.ts';
import { git } from './git.ts';
import { idle } from './idle.ts';
import { login } from './login/login.ts';
import { drawPictures } from './pictures.ts';
import { provisioning } from './provisioning.ts';
import { relay } from './relay/relay.ts';
import { soak } from './relay/soak.ts';
import { type BenchOptions, printTable, type Row } from './rows.ts';

const benches: Readonly<Record<string, (options: BenchOptions) => Promise<readonly Row[]>>> = {
  login,
  git,
  envelope,
  app,
  chain,
  idle,
  relay,
  soak,
  provisioning,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    pictures: { type: 'boolean', default: false },
  },
});
const [name = '', only = ''] = positionals;
const bench = benches[name];
if (values.pictures) {
  for (const file of drawPictures()) console.log(file);
} else if (bench === undefined) {
  const names = Object.keys(benches).join('|');
  console.error(
    `usage: npm run bench -- ${names} [CASE] [--quick] [--json] [--keep]\n       npm run bench -- --pictures`,
  );
  process.exitCode = 2;
} else {
  const done = (rows: readonly Row[]): void => {
    if (values.keep) keep(name, rows);
  };
  const rows = await bench({
    quick: values.quick,
    only,
    done,
    progress: (text) => {
      console.error(`${name}: ${text}`);
    },
    ...(values.minutes !== undefined && { minutes: Number(values.minutes) }),
  });
  done(rows);
  if (values.json) console.log(JSON.stringify(rows));
  else printTable(rows);
}

/** For the pictures: a row a line, so that a difference is easily read. */
function keep(bench: string, rows: readonly Row[]): void {
  const folder = new URL('results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${bench}.json`, folder);
  const former = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Row[]) : [];
  const others = former.filter((row) => !rows.some(({ case: name }) => name === row.case));
  const lines = [...others, ...rows].map((row) => JSON.stringify(row));
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`);
}
