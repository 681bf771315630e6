import { project } from '@parley/vitest-config';

export default project('protocol', { isolate: false });
