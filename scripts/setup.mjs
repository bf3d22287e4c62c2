// Dependencies and build, each skipped when nothing changed. `npm start` and `npm test` do this first.
import { pathToFileURL } from 'node:url';
import { contentHash, must, once, requireNode, say } from './lib.mjs';
import { build, built } from './build.mjs';

export async function setup() {
  requireNode();
  const manifests = ['package-lock.json', '.npmrc'];
  await once('node_modules/.palmkey-dependencies', contentHash(manifests), async () => {
    say('Palmkey ▶ installing dependencies (about a minute the first time)…');
    await must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { toStderr: true });
  });
  await once('node_modules/.palmkey-build', contentHash(built), async () => {
    say('Palmkey ▶ building…');
    await build();
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await setup();
  say('Palmkey ▶ ready.');
}
