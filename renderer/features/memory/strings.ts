import { inLanguage } from '../../ui/language.ts'
export const memoryStrings = inLanguage(
  {
    body: 'Memory use by machine.',
    other: 'System and apps',
    weights: 'Models',
    kvCache: 'KV cache',
    free: 'Free',
    pressure: { tight: 'Tight', critical: 'Critical' },
    total: 'All machines',
  },
  {
    body: 'Speicherbelegung nach Rechner.',
    other: 'System und Apps',
    weights: 'Modelle',
    kvCache: 'KV-Cache',
    free: 'Frei',
    pressure: { tight: 'Knapp', critical: 'Kritisch' },
    total: 'Alle Rechner',
  },
)
