/** `npm run bench -- NAME [CASE] [--quick] [--json]`: one benchmark, ours beside its peer in the same run. */
import { parseArgs } from 'node:util';
import { app } from './app.ts';
import { envelope } from './envelope/envelope.ts';
import { git } from './git.ts';
import { idle } from './idle.ts';
import { login } from './login/login.ts';
import { type BenchOptions, printTable, type Row } from './rows.ts';

const benches: Readonly<Record<string, (options: BenchOptions) => Promise<readonly Row[]>>> = {
  login,
  git,
  envelope,
  app,
  idle,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const [name = '', only = ''] = positionals;
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [CASE] [--quick] [--json]`);
  process.exit(2);
}
const rows = await bench({ quick: values.quick, only });
if (values.json) console.log(JSON.stringify(rows));
else printTable(rows);
