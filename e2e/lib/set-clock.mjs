/** Preloaded into a program so that its wall clock can be set: on SIGUSR2 it is moved by what CLOCK_FILE holds, ms. */
import { readFileSync } from 'node:fs';

const file = process.env.CLOCK_FILE ?? '';
const now = Date.now.bind(Date);
let shiftMs = Number(readFileSync(file, 'utf8'));
process.on('SIGUSR2', () => (shiftMs = Number(readFileSync(file, 'utf8'))));
Date.now = () => now() + shiftMs;
