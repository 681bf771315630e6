import { project } from '@parley/vitest-config';

/** Tests that replace the clock: others must not get it, nor what is left over from others. */
export default project('server-core-isolated', { include: ['test/isolated/**/*.test.ts'] });
