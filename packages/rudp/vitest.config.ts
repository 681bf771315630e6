import { project } from '@parley/vitest-config';

export default project('rudp', {
  isolate: false,
  exclude: ['test/isolated/**'],
});
