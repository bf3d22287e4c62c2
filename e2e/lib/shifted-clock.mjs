/**
 * Preloaded into a program to give it another clock: SHIFT_MS moves its wall clock, PACE makes its timers and its
 * monotonic clock run that many times as fast.
 */
const shiftMs = Number(process.env.SHIFT_MS ?? 0);
const pace = Number(process.env.PACE ?? 1);

const now = Date.now.bind(Date);
Date.now = () => now() + shiftMs;

const { performance, setTimeout: after } = globalThis;
const monotonic = performance.now.bind(performance);
performance.now = () => monotonic() * pace;
globalThis.setTimeout = (run, ms = 0, ...args) => after(run, ms / pace, ...args);
