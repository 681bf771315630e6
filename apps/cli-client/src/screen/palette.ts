import type { Span, StyleName } from '../view/line.ts';
import type { Look } from './grid.ts';

/** How many colours a terminal shows. */
export type ColorDepth = 'none' | '16' | '256' | 'true';

/** What the terminal's background is. */
export type ThemeName = 'dark' | 'light';

/** A colour: as it is meant, and the one of the sixteen that comes nearest (0–15). */
type Color = readonly [red: number, green: number, blue: number, basic: number];

interface Style {
  readonly color?: keyof typeof DARK;
  readonly background?: 'bar-background' | 'choice-background';
  /** Select Graphic Rendition without colours: bold, dim, underline, reverse. */
  readonly attributes?: string;
  /** What stands for the colour where there is none. */
  readonly plain?: string;
}

const DARK = {
  quiet: [128, 138, 150, 8],
  green: [140, 200, 120, 2],
  red: [240, 110, 110, 1],
  yellow: [235, 200, 110, 3],
  blue: [110, 170, 245, 4],
  violet: [205, 150, 240, 5],
  cyan: [95, 200, 205, 6],
  text: [215, 220, 228, 7],
  'bar-background': [44, 50, 62, 8],
  'choice-background': [62, 88, 130, 4],
} as const satisfies Readonly<Record<string, Color>>;

const LIGHT: Readonly<Record<keyof typeof DARK, Color>> = {
  quiet: [110, 116, 124, 8],
  green: [30, 125, 40, 2],
  red: [190, 30, 40, 1],
  yellow: [145, 95, 0, 3],
  blue: [20, 85, 190, 4],
  violet: [125, 45, 165, 5],
  cyan: [0, 110, 120, 6],
  text: [35, 40, 48, 0],
  'bar-background': [226, 230, 236, 7],
  'choice-background': [190, 212, 245, 6],
};

const STYLES: Readonly<Record<Exclude<StyleName, 'nickname'>, Style>> = {
  time: { color: 'quiet' },
  'own-nickname': { attributes: '1' },
  direct: { color: 'violet' },
  mention: { color: 'yellow', attributes: '1' },
  notice: { color: 'quiet' },
  good: { color: 'green' },
  bad: { color: 'red' },
  dim: { color: 'quiet' },
  strong: { attributes: '1' },
  bar: { color: 'cyan' },
  'bar-paused': { color: 'yellow' },
  rule: { color: 'quiet' },
  status: { color: 'text', background: 'bar-background', plain: '7' },
  'status-bad': { color: 'red', background: 'bar-background', attributes: '1', plain: '7' },
  'status-strong': { color: 'yellow', background: 'bar-background', attributes: '1', plain: '7' },
  choice: { color: 'text', background: 'choice-background', attributes: '1', plain: '7' },
  unread: { attributes: '1' },
  heading: { color: 'cyan', attributes: '1' },
  link: { color: 'blue', attributes: '4' },
};

/** Nicknames: as far apart as they can be while readable on both backgrounds. */
const NICKNAMES: Readonly<Record<ThemeName, readonly Color[]>> = {
  dark: [
    [240, 110, 110, 1],
    [140, 200, 120, 2],
    [235, 200, 110, 3],
    [110, 170, 245, 4],
    [205, 150, 240, 5],
    [95, 200, 205, 6],
    [245, 150, 95, 9],
    [160, 225, 175, 10],
    [150, 160, 250, 12],
    [245, 150, 200, 13],
    [130, 215, 245, 14],
  ],
  light: [
    [190, 30, 40, 1],
    [30, 125, 40, 2],
    [145, 95, 0, 3],
    [20, 85, 190, 4],
    [125, 45, 165, 5],
    [0, 110, 120, 6],
    [185, 75, 0, 1],
    [70, 110, 0, 2],
    [70, 60, 190, 4],
    [175, 20, 110, 5],
    [0, 100, 150, 6],
  ],
};

/** Cells of the 256 colours' cube (xterm): the levels of each of its three axes. */
const CUBE_LEVELS = [0, 95, 135, 175, 215, 255];

/** How styles look on a terminal with that many colours and that background. */
export class Palette {
  readonly #depth: ColorDepth;
  readonly #theme: ThemeName;
  readonly #looks = new Map<StyleName | undefined, Look>([[undefined, { sgr: '' }]]);
  readonly #nicknames: readonly Look[];

  constructor(options: { readonly depth: ColorDepth; readonly theme: ThemeName }) {
    this.#depth = options.depth;
    this.#theme = options.theme;
    for (const [name, style] of Object.entries(STYLES)) {
      this.#looks.set(name as StyleName, { sgr: this.#sgr(style) });
    }
    this.#nicknames = NICKNAMES[options.theme].map((color) => ({ sgr: this.#color(color, false) }));
  }

  readonly look = (span: Span): Look => {
    const look =
      span.style === 'nickname' ? this.#nickname(span.nickname ?? span.text) : this.#looks.get(span.style);
    if (span.link === undefined) return look ?? { sgr: '' };
    return { sgr: this.#looks.get('link')?.sgr ?? '', link: span.link };
  };

  /** The same nickname has the same colour everywhere. */
  #nickname(nickname: string): Look | undefined {
    let hash = 0;
    for (const character of nickname.toLowerCase())
      hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
    return this.#nicknames[hash % this.#nicknames.length];
  }

  #sgr({ color, background, attributes, plain }: Style): string {
    const colors = this.#theme === 'dark' ? DARK : LIGHT;
    if (this.#depth === 'none') return [attributes, plain].filter(Boolean).join(';');
    const parts = [
      attributes,
      color && this.#color(colors[color], false),
      background && this.#color(colors[background], true),
    ];
    return parts.filter(Boolean).join(';');
  }

  #color([red, green, blue, basic]: Color, isBackground: boolean): string {
    switch (this.#depth) {
      case 'none':
        return '';
      case '16':
        return String((basic < 8 ? 30 + basic : 90 + basic - 8) + (isBackground ? 10 : 0));
      case '256':
        return `${isBackground ? 48 : 38};5;${16 + 36 * cubeIndex(red) + 6 * cubeIndex(green) + cubeIndex(blue)}`;
      case 'true':
        return `${isBackground ? 48 : 38};2;${red};${green};${blue}`;
    }
  }
}

function cubeIndex(level: number): number {
  let nearest = 0;
  for (const [index, value] of CUBE_LEVELS.entries()) {
    if (Math.abs(value - level) < Math.abs((CUBE_LEVELS[nearest] ?? 0) - level)) nearest = index;
  }
  return nearest;
}
