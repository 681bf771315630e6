import { constants, setPriority } from 'node:os';

/**
 * Lets every other thread of the process go first: those that chat, above all. Linux only, where each thread has a priority of its
 * own; elsewhere it would be that of the whole process.
 */
export function lowerPriorityOfThread(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox may forbid it: transfers work as well without.
  }
}
