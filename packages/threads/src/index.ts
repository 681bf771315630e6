export { endThread } from './end-thread.ts';
export { lowerPriorityOfThread } from './lower-priority.ts';
export { startThread } from './start-thread.ts';
