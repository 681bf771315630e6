import { project } from '@parley/vitest-config';

/** Tests that replace a module, or the clock: others must not get it, nor what is left over from others. */
export default project('rudp-isolated', { include: ['test/isolated/**/*.test.ts'] });
