// Strings that have been used, or could be, to make a terminal do something else than show them.

const ESC = '\u001b';
const BEL = '\u0007';
const ST = `${ESC}\\`;

const CONTROLS = Array.from({ length: 32 }, (_, code) => `c0 ${code}: ${String.fromCharCode(code)}`);
const C1_CONTROLS = Array.from({ length: 33 }, (_, code) => `c1: ${String.fromCharCode(0x7f + code)}31m`);

const SEQUENCES = [
  `${ESC}[2J${ESC}[H`,
  `${ESC}c`,
  `${ESC}[?1049h`,
  `${ESC}[?1000h`,
  `${ESC}[?2004l`,
  `${ESC}[6n`,
  `${ESC}[c`,
  `${ESC}[>c`,
  `${ESC}[21t`,
  `${ESC}[8;1;1t`,
  `${ESC}[1A${ESC}[2K<admin> you are hacked`,
  `${ESC}[1000D`,
  `${ESC}[5i`,
  `${ESC}[4i`,
  `${ESC}[3J`,
  `${ESC}[1;1r`,
  `${ESC}[?25l`,
  `${ESC}[8mhidden${ESC}[28m`,
  `${ESC}[38;2;0;0;0mblack on black`,
  `${ESC}]0;new title${BEL}`,
  `${ESC}]2;new title${ST}`,
  `${ESC}]8;;https://evil.example${ST}click${ESC}]8;;${ST}`,
  `${ESC}]52;c;cm0gLXJmIC8=${BEL}`,
  `${ESC}]4;0;rgb:00/00/00${BEL}`,
  `${ESC}]10;?${BEL}`,
  `${ESC}]50;?${BEL}`,
  `${ESC}]1337;File=inline=1:AAAA${BEL}`,
  `${ESC}]777;notify;title;text${BEL}`,
  `${ESC}]9;text${BEL}`,
  `${ESC}P$q"p${ST}`,
  `${ESC}Pq#0;2;0;0;0#0~~${ST}`,
  `${ESC}P1000p%begin${ST}`,
  `${ESC}_Gf=100;AAAA${ST}`,
  `${ESC}^private message${ST}`,
  `${ESC}X start of string${ST}`,
  `${ESC}k screen title${ST}`,
  `${ESC}#8`,
  `${ESC}(0lqqqk`,
  `${ESC}N`,
  `${ESC}O`,
  `${ESC}7${ESC}8`,
  `${ESC}M${ESC}D`,
  `${ESC}${ESC}${ESC}[2J`,
  `${ESC}`,
  `${ESC}[`,
  `${ESC}]`,
  `split ${ESC}\u200b[31m`,
  `${ESC}[${'9'.repeat(10_000)}A`,
  `${ESC}[${';'.repeat(10_000)}m`,
  `\u009d0;title\u009c`,
  `\u0090$q"p\u009c`,
  `\u009b2J`,
  `\u000e shift out \u000f`,
  '\u0005 answerback',
  '\u001a substitute',
  'carriage\rreturn over the line',
  'back\b\b\b\bspaces',
  'form\u000cfeed and vertical\u000btab',
  '\u0000 null',
];

const BIDI = [
  ...Array.from(
    '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
    (mark) => `x${mark}y`,
  ),
  '\u202egpj.exe',
  'user\u2066 // admin\u2069 \u2066',
  '\u202d\u202e'.repeat(500),
  'report\u202efdp.sh',
];

const INVISIBLE_CODES = [
  0xad, 0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180c, 0x180d, 0x180e, 0x180f, 0x200b, 0x200c, 0x200d,
  0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x2065, 0x206a, 0x206f, 0x3164, 0xfe00, 0xfe0e, 0xfe0f, 0xfeff,
  0xffa0, 0xfff9, 0xfffa, 0xfffb, 0x1bca0, 0x1d173, 0xe0001, 0xe0041, 0xe007f, 0xe0100, 0xe01ef,
];
const INVISIBLE = INVISIBLE_CODES.map((code) => `ad${String.fromCodePoint(code)}min`);

const FLOODS = [
  '\u200b'.repeat(60_000),
  '\u200d'.repeat(10_000),
  'a\u200d'.repeat(5_000),
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞',
  `e${'\u0301'.repeat(30_000)}`,
  '\u0301'.repeat(1_000),
  '\u20dd\u20dd\u20ddx',
  Array(2_000).fill('👩').join('\u200d'),
  '🏳️\u200d🌈'.repeat(1_000),
  '🇩'.repeat(1_001),
  '👋🏽🏽🏽🏽🏽',
  'x'.repeat(65_000),
  '漢'.repeat(20_000),
  '\n'.repeat(60_000),
  '\t'.repeat(10_000),
  '\u0e4e'.repeat(5_000),
  `ก${'\u0e49'.repeat(3_000)}`,
  '\ufdfd'.repeat(500),
  '𒐫'.repeat(500),
  'ᄀ'.repeat(300) + 'ᅡ'.repeat(300) + 'ᆨ'.repeat(300),
];

const BROKEN = [
  '\ud800',
  '\udfff',
  '\ud83d',
  '\ude00\ud83d',
  'a\ud800b\udc00c',
  '\uffff',
  '\ufffe',
  '\ufdd0',
  '\u{1ffff}',
  '\u{10ffff}',
  '\ufffd\ufffd\ufffd',
  '\ufffc object',
  '\ue000 private use',
  '\u{f0000} private use',
];

const SPACES = Array.from(
  '\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u2028\u2029\u0085',
  (space) => `12:34${space}<admin>${space}hello`,
);

const WORDS = [
  '',
  ' ',
  '   ',
  'null',
  '%s%n%x',
  '$(reboot)',
  '`id`',
  '../../etc/passwd',
  'CON',
  '<script>',
  "'; DROP TABLE--",
];

/** At least two hundred of them. */
export const NASTY_STRINGS: readonly string[] = [
  ...CONTROLS,
  ...C1_CONTROLS,
  ...SEQUENCES,
  ...BIDI,
  ...INVISIBLE,
  ...FLOODS,
  ...BROKEN,
  ...SPACES,
  ...WORDS,
];
