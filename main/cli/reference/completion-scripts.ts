import type { CommandEntry } from './command-table.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type CompletedShell = (typeof SHELLS)[number]

/** The script with which a shell completes the commands and options of exo. */
export function completionScript(shell: CompletedShell, table: readonly CommandEntry[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(table)
    case 'zsh':
      return zshScript(table)
    case 'fish':
      return fishScript(table)
  }
}

/** `exo models pull` as one word, for a case statement. */
const pathOf = ({ words }: CommandEntry): string => words.join('/')
/** All commands that have further words after them. */
const parentsIn = (table: readonly CommandEntry[]): CommandEntry[] => table.filter(({ commands }) => commands.length > 0)
const namesOf = ({ options }: CommandEntry): string[] => options.flatMap(({ names }) => names)

/** The shell function that finds the command among the words typed so far. Options and their values are skipped. */
function findPath(table: readonly CommandEntry[], words: string): string[] {
  return [
    `  local at="" word`,
    `  for word in ${words}; do`,
    `    case "$at/$word" in`,
    ...parentsIn(table).flatMap((entry) =>
      entry.commands.map((next) => `      ${quote(`${pathOf(entry)}/${next}`)}) at=${quote([...entry.words, next].join('/'))} ;;`),
    ),
    `    esac`,
    `  done`,
  ]
}

function choiceCases(table: readonly CommandEntry[], fill: (choices: readonly string[]) => string): string[] {
  const lines = table.flatMap((entry) =>
    entry.options.flatMap(({ names, choices }) =>
      choices.length === 0 ? [] : names.map((name) => `    ${quote(`${pathOf(entry)} ${name}`)}) ${fill(choices)}; return ;;`),
    ),
  )
  return [`  case "$at $previous" in`, ...lines, `  esac`]
}

function bashScript(table: readonly CommandEntry[]): string {
  return [
    '# Completion of exo for bash. In ~/.bashrc: source <(exo completion bash)',
    '_exo() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"',
    ...findPath(table, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"'),
    ...choiceCases(table, (choices) => `COMPREPLY=($(compgen -W ${quote(choices.join(' '))} -- "$current"))`),
    '  local words=""',
    '  case "$at" in',
    ...table.map((entry) => `    ${quote(pathOf(entry))}) words=${quote([...entry.commands, ...namesOf(entry)].join(' '))} ;;`),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _exo exo',
    '',
  ].join('\n')
}

function zshScript(table: readonly CommandEntry[]): string {
  const described = (entry: CommandEntry): string[] => [
    ...entry.commands.map((name) => {
      const child = table.find(({ words }) => words.join('/') === [...entry.words, name].join('/'))
      return `${name}:${child?.description ?? ''}`
    }),
    ...entry.options.flatMap(({ names, description }) => names.map((name) => `${name}:${description}`)),
  ]
  return [
    '#compdef exo',
    '# Completion of exo for zsh. In ~/.zshrc: source <(exo completion zsh)',
    '_exo() {',
    '  local previous="${words[CURRENT-1]}"',
    '  local -a found',
    ...findPath(table, '"${(@)words[2,CURRENT-1]}"'),
    ...choiceCases(table, (choices) => `compadd -- ${choices.map(quote).join(' ')}`),
    '  case "$at" in',
    ...table.map((entry) => `    ${quote(pathOf(entry))}) found=(${described(entry).map(zshWord).join(' ')}) ;;`),
    '  esac',
    "  _describe 'exo' found",
    '  [[ ${#found} -eq 0 || "$PREFIX" != -* ]] && _files',
    '}',
    'if [[ "$funcstack[1]" == "_exo" ]]; then _exo "$@"; else compdef _exo exo; fi',
    '',
  ].join('\n')
}

function fishScript(table: readonly CommandEntry[]): string {
  const lines = table.flatMap((entry) => {
    const condition = conditionOf(entry)
    const commands = entry.commands.map((name) => {
      const child = table.find(({ words }) => words.join('/') === [...entry.words, name].join('/'))
      return `complete -c exo -f -n ${quote(condition)} -a ${quote(name)} -d ${quote(child?.description ?? '')}`
    })
    const options = entry.options.flatMap(({ names, description, takesValue, choices }) =>
      names.map((name) => {
        const kind = name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
        const value = choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : takesValue ? ' -r' : ''
        return `complete -c exo -n ${quote(condition)} ${kind}${value} -d ${quote(description)}`
      }),
    )
    return [...commands, ...options]
  })
  return ['# Completion of exo for fish. Save as ~/.config/fish/completions/exo.fish', ...lines, ''].join('\n')
}

/** True while the words typed so far call exactly this command. */
function conditionOf({ words, commands }: CommandEntry): string {
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`)
  const notYet = commands.length > 0 ? [`not __fish_seen_subcommand_from ${commands.join(' ')}`] : []
  return [...seen, ...notYet].join('; and ') || 'true'
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
/** A colon separates a word from its description. */
const zshWord = (text: string): string => {
  const [word = '', ...description] = text.split(':')
  return quote(`${word}:${description.join('\\:')}`)
}
