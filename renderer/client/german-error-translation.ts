import { ERROR_GROUPS, type ErrorCode, errorFacts } from '../../main/shared/error-codes.ts'
import { germanReason } from '../../main/shared/formats/german-reasons.ts'
import type { ErrorTranslation } from './error-text.ts'
import { germanErrors } from './german-errors.ts'

const all = Object.values(ERROR_GROUPS).flatMap((group) => Object.keys(group) as ErrorCode[])

/** The codes by the names that the API has for them. A code's own name comes before one that it shares with others. */
const byApi: ReadonlyMap<string, ErrorCode> = new Map([
  ...all.map((code) => [(errorFacts(code).api ?? code).replaceAll('-', '_'), code] as const).reverse(),
  ...all.map((code) => [code.replaceAll('-', '_'), code] as const),
])

export const germanErrorTranslation: ErrorTranslation = {
  textOf: (code) => {
    const known = byApi.get(code.replaceAll('-', '_'))
    return known === undefined ? null : germanErrors[known]
  },
  reasonOf: germanReason,
  tokenNeeded: 'exo verlangt sein API-Token. Es in den Einstellungen eingeben.',
}
