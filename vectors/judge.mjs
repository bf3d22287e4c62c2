#!/usr/bin/env node
/**
 * `node vectors/judge.mjs`: the readers, which share no line with the packages, read every vector of the pages that
 * they know. Prints each that they do not find to be as it says, and exits with 1 if there is one.
 */
import { readFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { attempt, written } from './hexed.mjs';
import { account, encoding, frame } from './judge-chains.mjs';
import { pairing, provisioning, way } from './judge-joining.mjs';
import { members } from './judge-members.mjs';

/**
 * The parts of each page: `finds` is what the readers find of a vector, `says` what it says of itself. Where a change
 * of a vector may leave it what it was, above all wrong, `contrary` is what makes it the contrary. Nothing follows from
 * the fields that are `open`, by default the name that a vector has for people.
 */
export const pages = { encoding, account, members, frame, pairing, provisioning, way };

/** Parts that no reader here reads. */
export const others = {
  frame: ['frames', 'invalidFrames', 'bodies', 'errors'],
  members: ['strengths'],
  pairing: ['linkPrivate', 'pairing', 'invalidMessages'],
};

/** Whether the readers find a vector to be as it says. */
export function agrees({ finds, says }, vector, page) {
  const found = attempt(() => [written(finds(vector, page))]);
  return found !== null && isDeepStrictEqual(found[0], written(says(vector, page)));
}

/** The value at a dotted path of a page. */
export const at = (page, path) => path.split('.').reduce((value, key) => value[key], page);

/** A page of vectors as it stands in its file. */
export const readPage = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'));

/** Every vector of a part, with its path: those of a list one by one. */
export function vectorsOf(page, path) {
  const there = at(page, path);
  return Array.isArray(there) ? there.map((vector, i) => [`${path}.${i}`, vector]) : [[path, there]];
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  let [read, wrong] = [0, 0];
  for (const [name, parts] of Object.entries(pages)) {
    const page = readPage(name);
    for (const [path, part] of Object.entries(parts)) {
      for (const [where, vector] of vectorsOf(page, path)) {
        read += 1;
        if (agrees(part, vector, page)) continue;
        wrong += 1;
        console.log(`${name}.json, ${where}${vector.name === undefined ? '' : ` (${vector.name})`}: not as it says`);
      }
    }
  }
  console.log(`${read} vectors read, ${wrong} not as they say`);
  exit(wrong === 0 ? 0 : 1);
}
