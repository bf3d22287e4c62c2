/** SECURITY.md's list of what the relay sees, as the relay itself defines it. */
import { readFileSync } from 'node:fs';
import { sees, type Sight } from '@palmkey/relay';

const begin = '<!-- sees:begin (written by `npm run vectors` from packages/relay/src/sees.ts) -->';
const end = '<!-- sees:end -->';
export const securityPage = new URL('../SECURITY.md', import.meta.url);

const places: Record<Sight['where'], string> = {
  store: 'Kept in its store, until the device is forgotten',
  frame: 'In the header of each frame, while it passes',
  socket: 'Of each connection',
  rendezvous: 'Of each pairing, in memory, an hour at most',
  push: 'Told by it to the push service of a device that is away',
  log: 'In its log, as long as its owner keeps logs',
};

/** SECURITY.md as it should be. Throws when the page has lost its markers. */
export function securityPageNow(): string {
  const page = readFileSync(securityPage, 'utf8');
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error('SECURITY.md has no place for the list of what the relay sees');
  return `${page.slice(0, from)}${begin}\n${list()}${page.slice(to)}`;
}

function list(): string {
  return Object.entries(places)
    .map(([where, title]) => {
      const rows = sees.filter((sight) => sight.where === where).map(({ what, tells }) => `| \`${what}\` | ${tells} |`);
      return `**${title}**\n\n| what | what it tells |\n|---|---|\n${rows.join('\n')}\n\n`;
    })
    .join('');
}
