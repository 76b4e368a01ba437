import type { ArgumentStyle } from '../calls/call-forms.ts'
import { anyTextBut, constant, type Format, jsonSchema, or, sequence, tag } from './structural-tag.ts'

/** How a family writes the arguments of a call by name. */
export interface ArgumentNotation {
  /** An argument. @param isText - whether the value is bare text */
  readonly pair: (name: Format, value: Format, isText: boolean) => Format
  readonly comma: string
  /** Ends a bare text; null: texts are JSON too. */
  readonly textEnd: string | null
  /** What no bare text contains, since it would look like the end of its call. */
  readonly excluded: readonly string[]
  readonly booleans?: Format
  /** Line feeds around a bare text that belong to the notation, besides those of `pair`; a parser takes them off. */
  readonly lines?: readonly [before: string, after: string]
}

export type NamedStyle = Exclude<ArgumentStyle, 'json'>

const ESCAPE = '<escape>'

/** @param before - up to the name, between name and value, and after the value of an argument */
const tagged = (before: string, between: string, textEnd: string, after: string, excluded: readonly string[]): ArgumentNotation => ({
  pair: (name, value, isText) => sequence([constant(before), name, constant(between), value, constant(isText ? after : textEnd + after)]),
  comma: '',
  textEnd,
  excluded,
})

/** @param space - before the names of the tags */
const deepseek = (space: string): ArgumentNotation => ({
  pair: (name, value, isText) =>
    sequence([
      constant(`<｜DSML｜${space}parameter name="`),
      name,
      constant(`" string="${String(isText)}">`),
      value,
      constant(isText ? '\n' : `</｜DSML｜${space}parameter>\n`),
    ]),
  comma: '',
  textEnd: `</｜DSML｜${space}parameter>`,
  excluded: [`<｜DSML｜${space}parameter`, `</｜DSML｜${space}invoke>`],
  lines: ['\n', '\n'],
})

export const ARGUMENT_NOTATIONS: Readonly<Record<NamedStyle, ArgumentNotation>> = {
  python: {
    pair: (name, value) => sequence([name, constant('='), value]),
    comma: ', ',
    textEnd: null,
    excluded: [],
    booleans: or([constant('True'), constant('False')]),
  },
  gemma: {
    pair: (name, value, isText) => sequence([name, constant(isText ? `:${ESCAPE}` : ':'), value]),
    comma: ',',
    textEnd: ESCAPE,
    excluded: [],
  },
  gemma4: {
    pair: (name, value, isText) => sequence([name, constant(isText ? ':<|"|>' : ':'), value]),
    comma: ',',
    textEnd: '<|"|>',
    excluded: [],
  },
  qwen: { ...tagged('<parameter=', '>\n', '</parameter>', '\n', ['<parameter=', '</function>']), lines: ['', '\n'] },
  glm: tagged('<arg_key>', '</arg_key>\n<arg_value>', '</arg_value>', '\n', ['<arg_key>']),
  longcat: tagged('<longcat_arg_key>', '</longcat_arg_key>\n<longcat_arg_value>', '</longcat_arg_value>', '\n', ['<longcat_arg_key>']),
  minicpm: { ...tagged('<param name="', '">', '</param>', '', ['<param ', '</function>']), lines: ['\n', '\n'] },
  minimax: { ...tagged('<parameter name="', '">', '</parameter>', '\n', ['<parameter ', '</invoke>']), lines: ['\n', '\n'] },
  deepseek: deepseek(''),
  'deepseek-v4.1': deepseek(' '),
}

/** A bare text up to its end, which is included. */
export const textUntil = ({ textEnd, excluded }: ArgumentNotation): Format => tag('', anyTextBut(excluded), textEnd ?? '')

/** JSON in which no text looks like the end of a bare text. */
export const innerJson = (schema: string, { textEnd, excluded }: ArgumentNotation): Format =>
  jsonSchema(schema, textEnd === null ? [] : [textEnd, ...excluded])
