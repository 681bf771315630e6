import { project } from '@parley/vitest-config';

export default project('server-core', { isolate: false, exclude: ['test/isolated/**'] });
