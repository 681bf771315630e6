import { project } from '@parley/vitest-config';

export default project('client-core', { isolate: false, exclude: ['test/isolated/**'] });
