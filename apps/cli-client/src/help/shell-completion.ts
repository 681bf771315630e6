import type { Command, Option } from 'commander';

/** The shells that completions are made for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What a shell has to know of a command. */
interface Words {
  /** Empty for the program itself. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
}

/** A script that makes a shell complete the program's commands, options and their values. */
export function completionScript(program: Command, shell: Shell): string {
  const all = [program, ...program.commands].map((command, index) => ({
    name: index === 0 ? '' : command.name(),
    summary: command.summary(),
    options: command.options,
  }));
  switch (shell) {
    case 'bash':
      return bash(program.name(), all);
    case 'zsh':
      return zsh(program.name(), all);
    case 'fish':
      return fish(program.name(), all);
  }
}

function bash(program: string, all: readonly Words[]): string {
  const names = all.map(({ name }) => name).filter((name) => name !== '');
  const cases = all.map(({ name, options }) => {
    const flags = options.flatMap(({ long }) => long ?? []).join(' ');
    return `    ${name === '' ? '*' : name}) words="${name === '' ? `${names.join(' ')} ` : ''}${flags}" ;;`;
  });
  const values = withChoices(all).map(
    ({ long, argChoices = [] }) => `    ${long}) words="${argChoices.join(' ')}" ;;`,
  );
  return `# bash completion for ${program}
_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= words= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in ${names.join('|')}) command=$word; break ;; esac
  done
  case "$command" in
${[...cases.slice(1), ...cases.slice(0, 1)].join('\n')}
  esac
  case "$previous" in
${values.join('\n')}
    --to) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  [ "$command" = completion ] && words="${SHELLS.join(' ')}"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${program} ${program}
`;
}

function zsh(program: string, all: readonly Words[]): string {
  const commands = all.slice(1).map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = all.map(({ name, options }) => {
    const specs = options.map((option) => `      '${zshOption(option)}'`);
    const rest = name === 'completion' ? `      '1:shell:(${SHELLS.join(' ')})'` : `      '*: :_files'`;
    return `    ${name === '' ? '*' : name}) _arguments \\\n${[...specs, rest].join(' \\\n')} ;;`;
  });
  return `#compdef ${program}
_${program}() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  local command=\${words[2]}
  if (( CURRENT == 2 )); then
    _describe command commands
  fi
  case "$command" in
${[...cases.slice(1), ...cases.slice(0, 1)].join('\n')}
  esac
}
compdef _${program} ${program}
`;
}

function zshOption({ long, description, argChoices, required }: Option): string {
  const value = argChoices ? `:value:(${argChoices.join(' ')})` : ':value:_default';
  return `${long}[${quoted(description)}]${required ? value : ''}`;
}

function fish(program: string, all: readonly Words[]): string {
  const names = all.map(({ name }) => name).filter((name) => name !== '');
  const isFirst = `not __fish_seen_subcommand_from ${names.join(' ')}`;
  const commands = all
    .slice(1)
    .map(({ name, summary }) => `complete -c ${program} -n '${isFirst}' -a ${name} -d '${quoted(summary)}'`);
  const options = all.flatMap(({ name, options: own }) =>
    own.map((option) => {
      const when = name === '' ? isFirst : `__fish_seen_subcommand_from ${name}`;
      const { argChoices = [], required, long = '', description } = option;
      const value = required ? ` -r${argChoices.length > 0 ? ` -fa '${argChoices.join(' ')}'` : ''}` : '';
      return `complete -c ${program} -n '${when}' -l ${long.replace(/^--/, '')}${value} -d '${quoted(description)}'`;
    }),
  );
  const shells = `complete -c ${program} -n '__fish_seen_subcommand_from completion' -fa '${SHELLS.join(' ')}'`;
  return `# fish completion for ${program}\n${[...commands, ...options, shells].join('\n')}\n`;
}

function withChoices(all: readonly Words[]): Option[] {
  const found = new Map<string | undefined, Option>();
  for (const option of all.flatMap(({ options }) => options))
    if (option.argChoices) found.set(option.long, option);
  return [...found.values()];
}

/** Inside of single quotes, and of zsh's brackets. */
function quoted(text: string): string {
  return text.replace(/'/g, "'\\''").replace(/[[\]:]/g, '\\$&');
}
