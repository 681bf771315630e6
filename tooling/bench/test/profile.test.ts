import { expect, test } from 'vitest';
import { parseProfile } from '../src/link/profile.ts';

test('numbers become arguments of the emulator: half the round trip each way, loss towards the receiver only', () => {
  expect(parseProfile('rate=100,rtt=50,loss=1')).toEqual({
    name: 'rate=100,rtt=50,loss=1',
    rateMbps: 100,
    roundTripMs: 50,
    linkemArguments: ['--rate', '100', '--delay', '25', '--queue', '1bdp', '--loss', '1,0'],
  });
});

test('loss in both directions takes the place of loss in one', () => {
  expect(parseProfile('raw,loss=1,bothloss=10,dup=5').linkemArguments.join(' ')).toBe(
    '--rate 0 --delay 0 --queue 1bdp --loss 10 --dup 5',
  );
});

test('a name may be followed by changes', () => {
  expect(parseProfile('dsl,loss=2')).toMatchObject({ name: 'dsl,loss=2', rateMbps: 50, roundTripMs: 40 });
  expect(parseProfile('dsl,loss=2').linkemArguments).toContain('2,0');
});

test('a comma in front of a digit belongs to the value', () => {
  expect(parseProfile('ge=0.2,20,50,0,rate=10').linkemArguments).toContain('0.2,20,50,0');
});

test.each(['fast', 'rate=', 'rate=fast', 'rtt=-1', 'speed=1', '', 'ns-a=x'])('%j is refused', (text) => {
  expect(() => parseProfile(text)).toThrow('expected');
});
