import { expect, test } from 'vitest';
import { cellName, grids } from '../src/grid/cells.ts';
import { parseProfile } from '../src/link/profile.ts';
import { parseCellName } from '../src/page/cell-name.ts';

test('the name of a cell tells its settings', () => {
  expect(parseCellName('rate=100,rtt=50,loss=0.1,queue=4bdp')).toEqual({
    rate: 100,
    rtt: 50,
    loss: 0.1,
    bytes: undefined,
    rest: 'queue=4bdp',
  });
  expect(parseCellName('rate=100,rtt=2,loss=0 100000')).toMatchObject({ rtt: 2, bytes: 100_000, rest: '' });
  expect(parseCellName('wifi')).toMatchObject({ rate: undefined, rest: 'wifi' });
});

test('every cell of every grid has a link that exists and a name of its own', () => {
  for (const cells of Object.values(grids)) {
    for (const { profile } of cells) expect(() => parseProfile(profile)).not.toThrow();
    expect(new Set(cells.map(cellName)).size).toBe(cells.length);
  }
});
