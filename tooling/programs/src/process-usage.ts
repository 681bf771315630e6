import { readFileSync } from 'node:fs';

/** The kernel counts processor time of processes in these (USER_HZ): 100 a second on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

/** What a process has of the memory, in bytes. */
export interface ProcessMemory {
  /** Now, and at the most so far. */
  readonly residentBytes: number;
  readonly residentBytesMax: number;
}

/** The memory of a process; undefined when it has ended, and where the system does not tell (it does on Linux). */
export function memoryOf(pid: number | undefined): ProcessMemory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? '0') * 1024;
    return { residentBytes: bytes('VmRSS'), residentBytesMax: bytes('VmHWM') };
  } catch {
    return undefined;
  }
}

/** The processes that a process has started and that still run; none where the system does not tell. */
export function childrenOf(pid: number): number[] {
  try {
    const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return ids.filter((id) => id.trim() !== '').map(Number);
  } catch {
    return [];
  }
}

/**
 * Processor time so far of all threads of a process and of what it has started, user and system, in seconds; 0 when it has
 * ended, and where the system does not tell.
 */
export function cpuSecondsOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const own = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    return childrenOf(pid).reduce((sum, child) => sum + cpuSecondsOf(child), own);
  } catch {
    return 0;
  }
}
