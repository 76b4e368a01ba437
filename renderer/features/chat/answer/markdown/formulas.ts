import { loadLater } from '../load-later.ts'

/** Sets formulas. */
export const formulas = loadLater(async () => (await import('./set-formula.ts')).setFormula)
