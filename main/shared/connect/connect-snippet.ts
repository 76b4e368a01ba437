import type { ConnectTarget, ConnectTool } from './connect-tool.ts'
import { escapeQuoted, fillInJson, fillInText } from './fill-in.ts'

/** What the user copies to set a tool up by hand: a command, or lines of its configuration. */
export function connectSnippet(tool: ConnectTool, target: ConnectTarget): { readonly path: string | null; readonly text: string } {
  const { permanent } = tool
  const isByCommand = tool.file === undefined && tool.prepare === undefined && !tool.arguments.includes('-c')
  if (isByCommand || permanent === null) return { path: null, text: commandLine(tool, target) }
  const text =
    permanent.format === 'block'
      ? permanent.lines.map((line) => fillInText(line, target, escapeQuoted)).join('\n')
      : JSON.stringify(fillInJson(permanent.content, target), null, 2)
  return { path: `~/${permanent.path}`, text }
}

function commandLine(
  { environment, command, arguments: given, defaultArguments = [], prepare }: ConnectTool,
  target: ConnectTarget,
): string {
  const inFolder = { ...target, folder: '~/.exo-cline' }
  const words = (texts: readonly string[]): string[] => texts.map((text) => quoted(fillInText(text, inFolder)))
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${quoted(fillInText(value, inFolder))}`)
  const start = [...variables, command, ...words(given), ...defaultArguments].join(' ')
  return prepare ? `${[command, ...words(prepare)].join(' ')}\n${start}` : start
}

/** A word of a POSIX shell. */
const quoted = (word: string): string => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
