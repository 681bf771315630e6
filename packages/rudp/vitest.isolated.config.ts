import { isolatedProject } from '@parley/vitest-config';

export default isolatedProject('rudp');
