import { inLanguage } from '../../../ui/language.ts'

export const tokenStrings = inLanguage(
  {
    show: 'Token probabilities',
    loading: 'Reading the probabilities…',
    map: 'Tokens of the answer',
    hint: 'The warmer a token, the less likely it was. Choose one to see what else was likely.',
    scale: ['likely', 'unlikely'],
    token: (text: string, share: string) => `“${text}”, ${share}`,
    unknown: 'unknown',
    alternatives: 'Other likely tokens',
    none: 'No other token was likely.',
    againWith: 'Again from here with',
    sameAgain: 'Again from this token',
    percent: (share: number) => (share > 0 && share < 0.001 ? '<0.1%' : `${(100 * share).toFixed(1)}%`),
  },
  {
    show: 'Wahrscheinlichkeit der Token',
    loading: 'Wahrscheinlichkeiten werden gelesen …',
    map: 'Token der Antwort',
    hint: 'Je wärmer ein Token, desto unwahrscheinlicher war es. Eines auswählen, um die Alternativen zu sehen.',
    scale: ['wahrscheinlich', 'unwahrscheinlich'],
    token: (text: string, share: string) => `„${text}“, ${share}`,
    unknown: 'unbekannt',
    alternatives: 'Andere wahrscheinliche Token',
    none: 'Kein anderes Token war wahrscheinlich.',
    againWith: 'Von hier an neu mit',
    sameAgain: 'Ab diesem Token neu',
    percent: (share: number) => (share > 0 && share < 0.001 ? '<0,1 %' : `${(100 * share).toFixed(1).replace('.', ',')} %`),
  },
)
