import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const sources = new URL('../../link/', import.meta.url);
const outputs = new URL('../../dist/', import.meta.url);

/** A program that is built from source when it is first needed. */
export interface NativeProgram {
  readonly name: string;
  readonly source: string;
  readonly compiler: 'cc' | 'c++';
  readonly flags?: readonly string[];
  readonly libraries?: readonly string[];
  /** The Debian package that the build needs beside the compiler. */
  readonly debianPackage?: string;
}

/** The emulator itself. */
export const LINKEM: NativeProgram = { name: 'linkem', source: 'linkem.c', compiler: 'cc' };

/** Builds a program unless it is newer than its source. Gives its path, or the compiler's complaint. */
export function build(program: NativeProgram): { path: string } | { complaint: string } {
  const source = fileURLToPath(new URL(program.source, sources));
  const path = outputPath(program.name);
  if (existsSync(path) && statSync(path).mtimeMs >= statSync(source).mtimeMs) return { path };
  const args = ['-O2', ...(program.flags ?? []), '-o', path, source, ...(program.libraries ?? [])];
  const result = spawnSync(program.compiler, args, { encoding: 'utf8' });
  if (result.status === 0) return { path };
  return { complaint: result.error?.message ?? result.stderr.trim() };
}

/** Where something that is made here lies; its folder exists. */
export function outputPath(name: string): string {
  mkdirSync(outputs, { recursive: true });
  return fileURLToPath(new URL(name, outputs));
}
