import { expect, test } from 'vitest';
import { type TextPlace, TextRing } from '../../src/history/text-ring.ts';

const texts = ['', 'plain', 'grüße', 'ß\u00ff', '日本 and more', '🦊', 'x'.repeat(300), '\u0100'];

/** Puts a text in, and says where it is. */
function put(ring: TextRing, text: string): TextPlace {
  const start = ring.end;
  const isWide = ring.add(text);
  return { start, units: text.length, isWide };
}

test('gives every text back as it was, also around the end of the memory, and while others are forgotten', () => {
  const ring = new TextRing();
  const kept: { readonly text: string; readonly place: TextPlace }[] = [];
  for (let round = 0; round < 400; round += 1) {
    const text = `${texts[round % texts.length]}${round}`;
    kept.push({ text, place: put(ring, text) });
    // It fills up, is emptied to the last few, and fills up again.
    const keptMax = round % 100 < 90 ? 60 : 3;
    while (kept.length > keptMax) kept.shift();
    ring.forgetBefore(kept[0]?.place.start ?? ring.end);
    expect(kept.map(({ place }) => ring.at(place))).toEqual(kept.map(({ text: expected }) => expected));
  }
});

test('a character of Latin-1 takes one byte, any other makes its text take two for each', () => {
  const ring = new TextRing();
  expect(put(ring, 'grüße').isWide).toBe(false);
  expect(ring.end).toBe(5);
  expect(put(ring, 'né 日').isWide).toBe(true);
  expect(ring.end).toBe(13);
});
