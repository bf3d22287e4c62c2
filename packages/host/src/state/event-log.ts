/** The host's own log: one JSON object a line, appended, cut to its newer half when it grows past its limit. */
import { appendFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { LogFact } from '../control/protocol.ts';

const largestBytes = 4 * 1024 * 1024;

export class EventLog {
  readonly #path: string;
  constructor(path: string) {
    this.#path = path;
  }

  append(fact: LogFact): void {
    appendFileSync(this.#path, `${JSON.stringify(fact)}\n`, { mode: 0o600 });
    if (statSync(this.#path).size > largestBytes) this.#cut();
  }

  /** The newest `limit` entries, newest first. A line that a crash left half written is passed over. */
  newest(limit: number): LogFact[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, 'utf8').split('\n');
    const facts: LogFact[] = [];
    for (let i = lines.length - 1; i >= 0 && facts.length < limit; i -= 1) {
      const fact = parseLine(lines[i] ?? '');
      if (fact !== undefined) facts.push(fact);
    }
    return facts;
  }

  #cut(): void {
    const lines = readFileSync(this.#path, 'utf8').split('\n');
    writeFileSync(`${this.#path}.next`, lines.slice(Math.floor(lines.length / 2)).join('\n'), { mode: 0o600 });
    renameSync(`${this.#path}.next`, this.#path);
  }
}

/** Written only by us, so its shape is taken as it is; only a torn line is expected. */
function parseLine(line: string): LogFact | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as LogFact;
  } catch {
    return undefined;
  }
}
