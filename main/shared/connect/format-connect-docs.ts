import { connectSnippet } from './connect-snippet.ts'
import type { ConnectTool } from './connect-tool.ts'
import { connectTools } from './connect-tools.ts'

const BEGIN = '<!-- Written by `node setup/generate/write-connect-docs.mjs` from main/shared/connect/connect-tools.ts -->\n'
const END = '<!-- End of the written part -->\n'
const target = { root: 'http://127.0.0.1:8080', key: 'unused', model: 'MODEL', contextTokens: 32_768 }

/** The page `docs/connect.md` with its part on tools as the table has it. */
export function formatConnectDocs(page: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error('The page has no place for the tools.')
  return `${page.slice(0, begin)}${BEGIN}\n${connectTools.map(sectionOf).join('\n')}\n${page.slice(end)}`
}

function sectionOf(tool: ConnectTool): string {
  const { path, text } = connectSnippet(tool, target)
  const needs = [tool.needsTools ? 'a model that calls tools' : null, `a context of ${tool.minContextTokens.toLocaleString('en')} tokens`]
  const language = path === null ? '' : path.endsWith('.toml') ? 'toml' : path.endsWith('.env') ? 'sh' : 'json'
  const place = path === null ? 'by hand' : `by hand, in \`${path}\``
  return [
    `**${tool.name}** needs ${needs.filter((need) => need !== null).join(' and ')}. \`exo launch ${tool.id}\`, or ${place}:`,
    '',
    `\`\`\`${language}`,
    text,
    '```',
    '',
  ].join('\n')
}
