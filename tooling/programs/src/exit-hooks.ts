import { constants } from 'node:os';

const hooks = new Set<() => void>();

process.on('exit', () => {
  // The last one first: what runs in a place goes before the place.
  for (const hook of [...hooks].reverse()) hook();
});

/**
 * Puts something away when this process ends before that was done in order: child processes, folders, namespaces. The hook
 * must do its work before it returns. Gives a function that takes it back.
 */
export function atExit(hook: () => void): () => void {
  // Each order has an identity of its own, also where two share a function.
  const own = () => {
    try {
      hook();
    } catch {
      // The others still have their turn.
    }
  };
  hooks.add(own);
  return () => void hooks.delete(own);
}

/** Lets a signal end this process as `process.exit` does, so that everything is put away. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
