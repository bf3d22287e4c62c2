#!/usr/bin/env node
/**
 * `node vectors/unnoticed.mjs`: changes each field of each vector once, by a bit, a character or a number, and every
 * wrong vector into a right one, and prints where the readers notice nothing. Of what is printed as JSON, `changes` is
 * how many there were of each page. A reader that cannot fail would judge nothing.
 */
import { agrees, others, pages, readPage, vectorsOf } from './judge.mjs';

const PLACES = ['begin', 'middle', 'end'];
/** Another text: one bit, at a place that is another for each change, so that all of them are tried. */
function otherText(text, turn) {
  if (text === '') return '00';
  const where = { begin: 0, middle: text.length >> 1, end: text.length - 1 }[PLACES[turn % 3]];
  const isHex = /^(?:[0-9a-f]{2})+$/.test(text);
  const digit = (Number.parseInt(text[where], 16) ^ 1).toString(16);
  // White space is as good as other white space.
  const other = /\s/.test(text[where]) ? 'x' : String.fromCharCode(text.charCodeAt(where) ^ 1);
  return text.slice(0, where) + (isHex ? digit : other) + text.slice(where + 1);
}

function otherLeaf(value, turn) {
  if (typeof value === 'string') return otherText(value, turn);
  if (typeof value === 'number') return value === Number.MAX_SAFE_INTEGER ? value - 1 : value + 1;
  return value === null ? 'ff' : !value;
}

const isInner = (value) => typeof value === 'object' && value !== null;
/** Every value below one that has another in place of one leaf, with the path of that. */
function* changed(value, path, state) {
  if (!isInner(value)) {
    state.turn += 1;
    yield [path, otherLeaf(value, state.turn)];
    return;
  }
  // Of a long list every seventh: a chain of 200 links is as wrong by one of them as by another.
  const step = Array.isArray(value) && value.length > 40 ? 7 : 1;
  const keys = Object.keys(value).filter((_, i) => i % step === 0);
  for (const key of keys) {
    for (const [where, other] of changed(value[key], [...path, key], state)) {
      yield [where, Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other }];
    }
  }
}

/** The page with another value at a dotted path. */
function withAt(value, [key, ...rest], other) {
  const next = rest.length === 0 ? other : withAt(value[key], rest, other);
  return Array.isArray(value) ? value.with(Number(key), next) : { ...value, [key]: next };
}

/** The changes of one part: each with its path, the vector as it then is, and where that stands. */
function* ofPart(page, path, { contrary, open = ['name'], told = ['code'] }, state) {
  for (const [where, vector] of vectorsOf(page, path)) {
    const other = contrary?.(page, vector);
    if (other === undefined) {
      for (const [inner, changedVector] of changed(vector, [], state)) {
        if (!open.includes(inner[0])) yield [[where, ...inner].join('.'), changedVector, where];
      }
      continue;
    }
    const isObject = isInner(vector) && !Array.isArray(vector);
    yield [`${where}, made the contrary`, isObject ? { ...vector, ...other } : other, where];
    for (const key of isObject ? told.filter((each) => each in vector) : []) {
      state.turn += 1;
      yield [`${where}.${key}`, { ...vector, [key]: otherLeaf(vector[key], state.turn) }, where];
    }
  }
}

const report = {};
for (const [name, parts] of Object.entries(pages)) {
  const page = readPage(name);
  const [state, unnoticed] = [{ turn: 0 }, []];
  let changes = 0;
  for (const [path, part] of Object.entries(parts)) {
    for (const [what, other, where] of ofPart(page, path, part, state)) {
      changes += 1;
      const whole = withAt(page, where.split('.'), other);
      if (agrees(part, other, whole)) unnoticed.push(what);
    }
  }
  // What several vectors have in common: one of them has to notice.
  for (const [path, other] of changed(page, [], state)) {
    const dotted = path.join('.');
    const isRead = Object.keys(parts).some((part) => dotted === part || dotted.startsWith(`${part}.`));
    if (isRead || others[name]?.includes(path[0])) continue;
    changes += 1;
    const isNoticed = Object.entries(parts).some(([part, each]) =>
      vectorsOf(other, part).some(([, vector]) => !agrees(each, vector, other)),
    );
    if (!isNoticed) unnoticed.push(dotted);
  }
  report[name] = { changes, unnoticed };
}
console.log(JSON.stringify(report));
