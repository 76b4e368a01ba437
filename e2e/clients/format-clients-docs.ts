import { formatClientTable, readClientResults } from './client-results.ts'
import { clients } from './clients.ts'

const BEGIN = '<!-- Written by `node setup/generate/write-clients-docs.mjs` from the last runs of `npm test -- clients` -->\n'
const END = '<!-- End of the written part -->\n'

/** The page `docs/clients.md` with the table of the last runs. */
export function formatClientsDocs(page: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error('The page has no place for the table.')
  return `${page.slice(0, begin)}${BEGIN}\n${formatClientTable(clients, readClientResults())}\n\n${page.slice(end)}`
}
