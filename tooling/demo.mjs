// Shows the server and the client together.
import { spawnSync } from 'node:child_process';

for (const program of ['apps/server/dist/main.js', 'apps/cli-client/dist/main.js']) {
  spawnSync(process.execPath, [program], { stdio: 'inherit' });
}
