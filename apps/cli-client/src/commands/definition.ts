/** What an argument names; completion offers what there is of it. */
export type ArgumentKind =
  | 'nickname'
  | 'file'
  | 'path'
  | 'transfer'
  | 'command'
  | 'room'
  | 'message'
  | 'notify-rule'
  /** How urgent a transfer is. */
  | 'priority'
  /** The name of an emoji, without its colons. */
  | 'emoji'
  /** One word that nobody can guess, such as a code. */
  | 'word'
  | 'text';

/** One argument of a command, as data: parsing, completion and help all read it. */
export interface ArgumentDefinition {
  /** As in the help, in capitals there. Its value is found under this name. */
  readonly name: string;
  readonly kind: ArgumentKind;
  readonly isOptional?: boolean;
  /** A word that has to stand before the value: `to` in `/get NAME to PATH`. */
  readonly keyword?: string;
}

/** The values of a command's arguments by name; an optional one that was not given is missing. */
export type ArgumentValues = Readonly<Record<string, string>>;

/** A command: everything that the program knows about it. `Context` is what its handler may use. */
export interface CommandDefinition<Context> {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly arguments: readonly ArgumentDefinition[];
  /** One line: what it does. */
  readonly summary: string;
  /** More lines, shown by `/help NAME`. */
  readonly details?: readonly string[];
  /** It asks the user for more: the next lines are its answers. */
  readonly asks?: boolean;
  run(context: Context, values: ArgumentValues): void | Promise<void>;
}

/** How a command is typed: `/get NAME [to PATH]`. */
export function commandUsage(definition: Pick<CommandDefinition<never>, 'name' | 'arguments'>): string {
  const parts = definition.arguments.map((argument) => {
    const name = argument.name.toUpperCase();
    const value = argument.keyword === undefined ? name : `${argument.keyword} ${name}`;
    return argument.isOptional ? `[${value}]` : value;
  });
  return [`/${definition.name}`, ...parts].join(' ');
}
