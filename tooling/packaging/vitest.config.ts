import { project } from '@parley/vitest-config';

export default project('packaging', { testTimeout: 120_000, hookTimeout: 120_000 });
