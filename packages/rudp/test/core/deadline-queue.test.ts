import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadlineQueue } from '../../src/core/structures/deadline-queue.ts';
import { checkProperty } from '../support/properties.ts';

const change = fc.record({
  item: fc.integer({ min: 0, max: 15 }),
  deadline: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
});
const take = fc.record({ now: fc.integer({ min: -1, max: 31 }) });

test('behaves like a plain map of deadlines under any sequence of changes', () => {
  checkProperty(
    fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: change }, take), { maxLength: 100 }), (steps) => {
      const queue = new DeadlineQueue<number>();
      const model = new Map<number, number>();
      const earliest = () => (model.size === 0 ? undefined : Math.min(...model.values()));
      for (const step of steps) {
        if ('item' in step) {
          queue.set(step.item, step.deadline);
          if (step.deadline === undefined) model.delete(step.item);
          else model.set(step.item, step.deadline);
        } else {
          const first = earliest();
          const item = queue.takeDue(step.now);
          if (first === undefined || first > step.now) expect(item).toBeUndefined();
          else {
            expect(model.get(item as number)).toBe(first);
            model.delete(item as number);
          }
        }
        expect(queue.earliest).toBe(earliest());
      }
    }),
    { runs: 500 },
  );
});

test('hands out what is due in the order of the deadlines', () => {
  const queue = new DeadlineQueue<string>();
  queue.set('late', 30);
  queue.set('early', 10);
  queue.set('middle', 20);
  queue.set('late', 15);
  expect([queue.takeDue(20), queue.takeDue(20), queue.takeDue(20), queue.takeDue(20)]).toEqual([
    'early',
    'late',
    'middle',
    undefined,
  ]);
});
