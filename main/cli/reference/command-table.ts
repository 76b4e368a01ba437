import type { Command, Option } from 'commander'

export interface OptionEntry {
  /** As in the help: `-h, --help` or `--port <port>`. */
  readonly flags: string
  /** `--port` and, if there is one, `-p`. */
  readonly names: readonly string[]
  readonly description: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

/** A command with the words that call it, such as `models pull`; the program itself has none. */
export interface CommandEntry {
  readonly words: readonly string[]
  readonly description: string
  /** As in the help: `<model> [prompt]`. */
  readonly usage: string
  readonly options: readonly OptionEntry[]
  /** The next words. */
  readonly commands: readonly string[]
}

/** All commands of a program: the source of its completion scripts and manual pages. */
export function commandTable(program: Command, words: readonly string[] = []): CommandEntry[] {
  const visible = program
    .createHelp()
    .visibleCommands(program)
    .filter((each) => each.name() !== 'help')
  const entry: CommandEntry = {
    words,
    description: program.description(),
    usage: program.registeredArguments.map((each) => argumentText(each.name(), each.required, each.variadic)).join(' '),
    options: program.createHelp().visibleOptions(program).map(optionEntry),
    commands: visible.map((each) => each.name()),
  }
  return [entry, ...visible.flatMap((each) => commandTable(each, [...words, each.name()]))]
}

function argumentText(name: string, isRequired: boolean, isVariadic: boolean): string {
  const inner = `${name}${isVariadic ? '...' : ''}`
  return isRequired ? `<${inner}>` : `[${inner}]`
}

function optionEntry({ flags, short, long, description, required, optional, argChoices }: Option): OptionEntry {
  return {
    flags,
    names: [short, long].filter((name) => name !== undefined),
    description,
    takesValue: required || optional,
    choices: argChoices ?? [],
  }
}
