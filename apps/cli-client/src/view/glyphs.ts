/** The signs that a screen is drawn with, besides text. */
export interface Glyphs {
  readonly joined: string;
  readonly left: string;
  readonly notice: string;
  readonly bad: string;
  readonly good: string;
  /** What is to be done now. */
  readonly chosen: string;
  readonly arrow: string;
  readonly continuation: string;
  readonly separator: string;
  readonly download: string;
  readonly upload: string;
  /** Parts of a bar from empty to full; the last one is a full cell. */
  readonly bar: readonly string[];
  readonly ellipsis: string;
  /** A line across, and one down. */
  readonly horizontal: string;
  readonly vertical: string;
  /** One down that stands out. */
  readonly verticalBold: string;
  readonly online: string;
  readonly offline: string;
  readonly waiting: string;
  /** Heights of a plot, from the lowest to the highest. */
  readonly plot: readonly string[];
}

/** For terminals that show Unicode. */
export const UNICODE_GLYPHS: Glyphs = {
  joined: '→',
  left: '←',
  notice: '·',
  bad: '✗',
  good: '✓',
  chosen: '▸',
  arrow: '→',
  continuation: '│',
  separator: '·',
  download: '↓',
  upload: '↑',
  bar: [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  ellipsis: '…',
  horizontal: '─',
  vertical: '│',
  verticalBold: '┃',
  online: '●',
  offline: '○',
  waiting: '…',
  plot: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};

/** For all others. */
export const ASCII_GLYPHS: Glyphs = {
  joined: '->',
  left: '<-',
  notice: '-',
  bad: '!',
  good: '*',
  chosen: '>',
  arrow: '->',
  continuation: '|',
  separator: '-',
  download: 'v',
  upload: '^',
  bar: ['.', '#'],
  ellipsis: '..',
  horizontal: '-',
  vertical: '|',
  verticalBold: '#',
  online: '*',
  offline: 'o',
  waiting: '..',
  plot: ['.', ':', '|'],
};
