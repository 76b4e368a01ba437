import { inLanguage } from '../../../ui/language.ts'

export const pickerStrings = inLanguage(
  {
    search: 'Search your models',
    nothing: 'None of your models has this name.',
    more: 'Get more models…',
    chosen: 'chosen',
  },
  {
    search: 'Eigene Modelle suchen',
    nothing: 'Kein eigenes Modell heißt so.',
    more: 'Weitere Modelle …',
    chosen: 'ausgewählt',
  },
)
