import { project } from '@parley/vitest-config';

/** Tests that replace a module: others must not get it. */
export default project('rudp-isolated', { include: ['test/isolated/**/*.test.ts'] });
