import type { Glyphs } from '../view/glyphs.ts';
import { type Line, span } from '../view/line.ts';
import type { PlaceView } from '../view/place.ts';

/** What is shown until somebody is in a room: what has to be answered, and how far that is. */
export function welcomeRows(place: PlaceView | undefined, glyphs: Glyphs): Line[] {
  const { connection } = place ?? {};
  const isGreeted = connection?.state === 'greeted';
  const done = [place !== undefined, isGreeted, false];
  const current = done.indexOf(false);
  const step = (index: number, name: string, words: string): Line => {
    if (done[index]) return [span(` ${glyphs.good} ${name}`, 'good'), span(words, 'dim')];
    if (index === current) return [span(` ${glyphs.chosen} ${name}`, 'strong'), span(words)];
    return [span(`   ${name}`, 'dim'), span(words, 'dim')];
  };
  return [
    [span('Parley', 'heading'), span('  rooms to talk in, and files that arrive whole', 'dim')],
    [],
    step(0, 'server    ', place?.address ?? 'its name or address, such as chat.example'),
    step(1, 'identity  ', isGreeted ? 'accepted' : 'whether it is the one that you mean'),
    step(2, 'nickname  ', 'what the others will call you'),
    [],
    [span('Enter goes on, Ctrl-C leaves. What you answer is kept for the next time.', 'dim')],
  ];
}
