/** SECURITY.md's list of what the relay sees, as the relay itself defines it. */
import { readFileSync } from 'node:fs';
import { sees, type Sight } from '@palmkey/relay';

const begin = '<!-- sees:begin (written by `npm run vectors` from packages/relay/src/sees.ts) -->';
const end = '<!-- sees:end -->';
export const securityPage = new URL('../SECURITY.md', import.meta.url);

const places: Record<Sight['where'], string> = {
  store: 'Kept in its store, until the device is forgotten unless it says otherwise',
  frame: 'In the header of each frame, while it passes',
  socket: 'Of each connection',
  mail: 'Of mail that waits, until it is read or its time is over',
  rendezvous: 'Of each pairing, an hour at most',
  chain: 'Of account chains, while links are posted and fetched',
  bus: 'Between the nodes of a relay that has several: what NATS carries, and of mail keeps',
  github: 'What GitHub answers it, while a person signs in',
  push: 'What it tells push services',
  metrics: 'In its metrics',
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
