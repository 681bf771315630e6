export { messageOf, parseCount, parseNames, parseNumber, runMain } from './command-line.ts';
export { atExit, exitOnSignals } from './exit-hooks.ts';
export { freePort } from './free-port.ts';
export type { Output } from './output.ts';
export {
  bareEnvironment,
  type ParleyProgram,
  parleyCommand,
  parleySourceCommand,
  sourceCommand,
} from './parley.ts';
export { childrenOf, cpuSecondsOf, memoryOf, type ProcessMemory } from './process-usage.ts';
export { describeEnd, Program, type ProgramEnd, type ProgramOptions } from './program.ts';
export { runReadmeExample } from './readme-example.ts';
