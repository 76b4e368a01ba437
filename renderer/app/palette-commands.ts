export interface PaletteCommand {
  readonly id: string
  /** `Go to`, `Chat with`, …: what kind of command it is. */
  readonly group: string
  readonly label: string
  /** A key that does the same; empty: none. */
  readonly keys: string
  readonly act: () => void
}

const MOST_SHOWN = 30

/** The commands that have all the words, those first whose label begins with the text. */
export function findCommands(commands: readonly PaletteCommand[], text: string): PaletteCommand[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const matching = commands.filter(({ group, label }) => words.every((word) => `${group} ${label}`.toLowerCase().includes(word)))
  const begins = ({ label }: PaletteCommand): boolean => words.length > 0 && label.toLowerCase().startsWith(words[0] ?? '')
  return [...matching.filter(begins), ...matching.filter((command) => !begins(command))].slice(0, MOST_SHOWN)
}
