import { textWidth } from '../../src/text/width.ts';

/** A cell's look, as far as our palettes use it. */
interface Style {
  color: string | undefined;
  background: string | undefined;
  isBold: boolean;
  isUnderlined: boolean;
}

/** Stands for Escape, which regular expressions had better not hold. */
const ESCAPE_SIGN = '␛';
const COLUMN = 8.43;
const ROW = 19;
const MARGIN = 14;
const TITLE = 40;
/** Paper and ink. */
const THEMES = {
  dark: { background: '#1e222a', foreground: '#d8dee9' },
  light: { background: '#fbfbf9', foreground: '#22262e' },
} as const;

/** A picture (SVG) of what tmux captured with its colours; `label` says what is to be seen, for those who cannot see it. */
export function svgOf(
  capture: string,
  columns: number,
  label: string,
  theme: keyof typeof THEMES = 'dark',
): string {
  const { background, foreground } = THEMES[theme];
  const rows = capture.replace(/\n$/, '').split('\n');
  const width = Math.ceil(columns * COLUMN + 2 * MARGIN);
  const height = rows.length * ROW + TITLE + MARGIN;
  const style: Style = { color: undefined, background: undefined, isBold: false, isUnderlined: false };
  const drawn = rows.flatMap((row, index) => drawRow(row, TITLE + index * ROW, style, foreground));
  const font = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">
<rect width="100%" height="100%" rx="8" fill="${background}"/>
<circle cx="20" cy="18" r="6" fill="#e06c75"/><circle cx="40" cy="18" r="6" fill="#e5c07b"/><circle cx="60" cy="18" r="6" fill="#98c379"/>
<g font-family="${font}" font-size="14">
${drawn.join('\n')}
</g>
</svg>
`;
}

function drawRow(row: string, top: number, style: Style, foreground: string): string[] {
  const drawn: string[] = [];
  let column = 0;
  const parts = row.replaceAll('\u001b', ESCAPE_SIGN).matchAll(/␛\[([\d;]*)m|␛\]8;[^␛]*␛\\|([^␛]+)/g);
  for (const [, codes, text] of parts) {
    if (codes !== undefined) applyCodes(codes, style);
    if (text === undefined) continue;
    const columns = textWidth(text);
    drawn.push(
      ...drawText(text, MARGIN + column * COLUMN, top, columns * COLUMN, {
        ...style,
        color: style.color ?? foreground,
      }),
    );
    column += columns;
  }
  return drawn;
}

function drawText(text: string, x: number, top: number, width: number, style: Style): string[] {
  const { color, background, isBold, isUnderlined } = style;
  const box = `<rect x="${x.toFixed(1)}" y="${top}" width="${(width + 0.3).toFixed(1)}" height="${ROW}" fill="${background}"/>`;
  const looks = `${isBold ? ' font-weight="bold"' : ''}${isUnderlined ? ' text-decoration="underline"' : ''}`;
  const place = `x="${x.toFixed(1)}" y="${top + 14}" textLength="${width.toFixed(1)}" xml:space="preserve"`;
  const words = `<text ${place} fill="${color}"${looks}>${escaped(text)}</text>`;
  return [...(background === undefined ? [] : [box]), ...(text.trim() === '' ? [] : [words])];
}

function applyCodes(codes: string, style: Style): void {
  const numbers = codes.split(';').map(Number);
  for (let index = 0; index < numbers.length; index += 1) {
    const code = numbers[index];
    if (code === 0)
      Object.assign(style, { color: undefined, background: undefined, isBold: false, isUnderlined: false });
    if (code === 1) style.isBold = true;
    if (code === 4) style.isUnderlined = true;
    if (code === 39) style.color = undefined;
    if (code === 49) style.background = undefined;
    if ((code === 38 || code === 48) && numbers[index + 1] === 2) {
      const color = `rgb(${numbers.slice(index + 2, index + 5).join(',')})`;
      if (code === 38) style.color = color;
      else style.background = color;
      index += 4;
    }
  }
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
