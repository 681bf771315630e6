import { expect, test } from 'vitest';
import { hasGrown } from '../src/soak/growth.ts';
import { Soak, type SoakHour } from '../src/soak/soak.ts';

test('an hour of files, of a connection that lasts, and of another address', () => {
  const hours: SoakHour[] = [];
  new Soak(7).run(1, (hour) => hours.push(hour));
  // Only the connection that lasts is left, at both ends.
  expect(hours).toEqual([{ hour: 1, files: 120, answeredBytes: 360_000, connections: 2 }]);
});

test('memory that goes up and down has not grown', () => {
  expect(hasGrown([20, 8, 9, 12, 8, 9, 12, 8, 9])).toBe(false);
});

test('memory that is more and more has grown', () => {
  expect(hasGrown([8, 9, 10, 11, 12, 13, 14, 15, 16])).toBe(true);
});
