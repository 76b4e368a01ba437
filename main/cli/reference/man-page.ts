import type { CommandEntry } from './command-table.ts'

export interface ManPage {
  /** `exo-models-pull.1` */
  readonly file: string
  /** In roff. */
  readonly text: string
}

/** The manual pages of all commands. */
export function manPages(table: readonly CommandEntry[], version: string): ManPage[] {
  return table.map((entry) => ({ file: `${nameOf(entry)}.1`, text: pageOf(entry, table, version) }))
}

const nameOf = ({ words }: CommandEntry): string => ['exo', ...words].join('-')

function pageOf(entry: CommandEntry, table: readonly CommandEntry[], version: string): string {
  const name = nameOf(entry)
  const call = ['exo', ...entry.words].join(' ')
  const synopsis = [entry.options.length > 0 ? '[options]' : '', entry.usage, entry.commands.length > 0 ? '[command]' : '']
    .filter(Boolean)
    .join(' ')
  const children = entry.commands.map((word) => table.find(({ words }) => words.join(' ') === [...entry.words, word].join(' ')))
  const related = entry.words.length === 0 ? [] : ['.SH SEE ALSO', `.BR ${entry.words.length > 1 ? `exo-${entry.words[0]}` : 'exo'} (1)`]
  return [
    `.TH ${name.toUpperCase()} 1 "" "exo ${version}" "exo"`,
    '.SH NAME',
    `${escape(name)} \\- ${escape(entry.description)}`,
    '.SH SYNOPSIS',
    `.B ${escape(call)}`,
    escape(synopsis),
    ...(children.length > 0 ? ['.SH COMMANDS'] : []),
    ...children.flatMap((child) => (child ? ['.TP', `.B ${escape(child.words.join(' '))}`, escape(child.description)] : [])),
    ...(entry.options.length > 0 ? ['.SH OPTIONS'] : []),
    ...entry.options.flatMap(({ flags, description, choices }) => [
      '.TP',
      `.B ${escape(flags)}`,
      escape(choices.length > 0 ? `${description} (${choices.join(', ')})` : description),
    ]),
    '.SH EXIT STATUS',
    '0 for success, 1 for a failure whose reason is printed in one line, 2 for wrong usage.',
    ...related,
    '',
  ].join('\n')
}

/** Characters at the start of a line, backslashes and dashes have a meaning in roff. */
function escape(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')
}
