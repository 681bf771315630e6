import type { Options } from 'tsup';

/** A published package: every entry becomes `dist/<name>.js`; shared code lands in chunks beside them. */
export function library(entry?: Record<string, string>): Options;

/** A program: one executable `dist/main.js`. */
export function app(entry?: Record<string, string>): Options;
