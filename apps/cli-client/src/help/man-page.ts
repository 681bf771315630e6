import type { Command, Option } from 'commander';
import { commandUsage } from '../commands/definition.ts';
import { CHAT_COMMANDS } from '../interactive/chat-commands.ts';
import { SCREEN_HELP } from '../workspace/screen-keys.ts';
import { EXIT_CODE_WORDS } from './exit-code-words.ts';

/** The man page (section 1, in the language of man(7)), made of the same data as the help and the parser. */
export function manPage(program: Command): string {
  const name = program.name();
  const lines = [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${program.version() ?? ''}" "User Commands"`,
    '.SH NAME',
    `${name} \\- ${escaped(program.description())}`,
    '.SH SYNOPSIS',
    ...[program, ...program.commands].flatMap((command, index) => [
      '.br',
      `.B ${index === 0 ? name : `${name} ${command.name()}`}`,
      escaped(command.usage().replace('[command]', '')),
    ]),
    '.SH OPTIONS',
    ...program.options.flatMap(optionLines),
    '.SH COMMANDS',
    ...program.commands.flatMap((command) => [
      `.SS ${command.name()}`,
      escaped(command.description()),
      ...command.registeredArguments.flatMap((argument) => [
        '.TP',
        `.I ${escaped(argument.name())}`,
        escaped(argument.description),
      ]),
      ...command.options.flatMap(optionLines),
    ]),
    '.SH IN A ROOM',
    'What is typed is said, unless it begins with a slash:',
    ...CHAT_COMMANDS.flatMap((command) => pair(commandUsage(command), command.summary)),
    '.SH KEYS',
    ...SCREEN_HELP.flatMap(([key, words]) => pair(key, words)),
    '.SH EXIT STATUS',
    ...EXIT_CODE_WORDS.flatMap(([code, words]) => pair(String(code), words)),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([variable, words]) => pair(variable, words)),
    '.SH FILES',
    ...FILES.flatMap(([file, words]) => pair(file, words)),
  ];
  return `${lines.join('\n')}\n`;
}

const ENVIRONMENT = [
  ['NO_COLOR', 'no colours'],
  ['TERM, COLORTERM, FORCE_COLOR', 'how many colours the terminal has; TERM=dumb is plain lines'],
  ['LC_ALL, LC_CTYPE, LANG', 'whether the terminal shows Unicode'],
  ['PARLEY_QLOG_DIR', 'a folder for a trace (qlog) of each download'],
] as const;

const FILES = [
  ['$XDG_CONFIG_HOME/parley/profiles/NAME.json', 'server, nickname and room of a profile'],
  ['$XDG_CONFIG_HOME/parley/known-servers', 'the fingerprints of servers that were accepted'],
  ['$XDG_STATE_HOME/parley/', 'what is being typed, what was entered, what was not sent'],
] as const;

function optionLines({ flags, description, argChoices }: Option): string[] {
  const choices = argChoices ? ` (${argChoices.join(', ')})` : '';
  return pair(flags, `${description}${choices}`);
}

function pair(term: string, words: string): string[] {
  return ['.TP', `.B ${escaped(term)}`, escaped(words)];
}

/** A text that roff shows as it is. */
function escaped(text: string): string {
  return text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}
