import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { delivered, lost, packetsToServer } from './support/readme-example.ts';

test('the example of the README runs, and is what the README shows', () => {
  const example = readFileSync(new URL('./support/readme-example.ts', import.meta.url), 'utf8');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
  expect(delivered).toBe(3);
  // Three values, the scripted drop, what the seed lost, and a value sent again because its answer went to the old address.
  expect(packetsToServer).toBe(5 + lost);
});
