import type { Grammar } from '../../../shared/inference/grammar.ts'

/** A grammar of exactly these texts. */
export function choiceGrammar(choices: readonly string[]): Grammar {
  return { kind: 'ebnf', text: `root ::= ${choices.map((choice) => JSON.stringify(choice)).join(' | ')}` }
}
