import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { AppError } from './app-error.ts'
import { ERROR_GROUPS, type ErrorCode, type ErrorFacts, errorFacts, hasTrait, isErrorCode, toErrorCode } from './error-codes.ts'
import { formatErrorDocs } from './format-error-docs.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const groups: readonly (readonly [string, Readonly<Record<string, ErrorFacts>>])[] = Object.entries(ERROR_GROUPS)
const codes = groups.flatMap(([, group]) => Object.keys(group)) as ErrorCode[]

const isSource = (file: string): boolean => !/\.(test|spec)\.\w+$|__fixtures__|(^|[\\/])tests[\\/]|shared[\\/]error-codes\.ts$/.test(file)
const sourcesOf = (patterns: string[]): string[] => globSync(patterns, { cwd: root }).filter(isSource).sort()
const scripts = sourcesOf(['main/**/*.{ts,tsx}', 'bench/**/*.ts', 'native/**/*.ts', 'renderer/**/*.{ts,tsx}', 'setup/**/*.mjs', '*.mjs'])
const engine = sourcesOf(['native/{engine,binding}/**/*.{cpp,h,inl,mm}'])

interface Found {
  readonly thrown: ReadonlySet<string>
  /** All literals except those that codes are compared with. */
  readonly said: ReadonlySet<string>
}

const isErrorClass = (name: string): boolean => /^(App|Native|Placement)Error$/.test(name)

/** The literals that an expression can evaluate to: for `a ? 'x' : 'y'`, both. */
function literalsIn(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  return ts.isConditionalExpression(node) ? [...literalsIn(node.whenTrue), ...literalsIn(node.whenFalse)] : []
}

function findInScripts(): Found {
  const thrown = new Set<string>()
  const said = new Set<string>()
  const isCompared = (node: ts.Node): boolean =>
    ts.isBinaryExpression(node.parent) &&
    [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken].includes(node.parent.operatorToken.kind)
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && isErrorClass(node.expression.getText()) && node.arguments?.[0])
      literalsIn(node.arguments[0]).forEach((code) => thrown.add(code))
    if (ts.isStringLiteralLike(node) && !isCompared(node) && !ts.isLiteralTypeNode(node.parent)) said.add(node.text)
    ts.forEachChild(node, visit)
  }
  for (const file of scripts) visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true))
  return { thrown, said }
}

/** `EngineError("code"`, `refuse("code"`, `FailedEvent{… "code"` and the like, and what `code_of` returns. */
function findInEngine(): Found {
  const text = engine.map(read).join('\n')
  const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].flatMap(([, ...found]) => found)
  const [codeOf = ''] = /^std::string code_of\([\s\S]*?^}/m.exec(text) ?? []
  const thrown = [
    ...all(/\b(?:EngineError|refuse)\(\s*"([a-z-]+)"/g),
    ...all(/\b(?:GenerationErrorEvent|FailedEvent|DraftFailedEvent)\{[^;"]*"([a-z]+-[a-z-]+)"/g),
    ...[...codeOf.matchAll(/"([a-z]+-[a-z-]+)"/g)].map(([, code = '']) => code),
  ]
  return { thrown: new Set(thrown), said: new Set(all(/"([a-z]+(?:-[a-z]+)*)"/g)) }
}

describe('the table of error codes', () => {
  const inScripts = findInScripts()
  const inEngine = findInEngine()

  it('has every code that is thrown, in TypeScript and in C++', () => {
    expect(inScripts.thrown.size).toBeGreaterThan(100)
    expect([...inEngine.thrown].sort()).toEqual(
      expect.arrayContaining([
        'context-exceeded',
        'engine-busy',
        'engine-failed',
        'group-failed',
        'invalid-token',
        'model-damaged',
        'out-of-memory',
        'rank-mismatch',
      ]),
    )
    expect([...inScripts.thrown, ...inEngine.thrown].filter((code) => !isErrorCode(code))).toEqual([])
    expect([...inEngine.thrown].filter((code) => !hasTrait(code as ErrorCode, 'engine'))).toEqual([])
  })

  it('has no code that is never thrown', () => {
    expect(codes.filter((code) => !inScripts.said.has(code) && !inEngine.said.has(code))).toEqual([])
  })

  it('has each code once, in kebab-case, with a status of a failure and a sentence', () => {
    expect(codes.length).toBeGreaterThan(100)
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
    const isGood = (code: ErrorCode): boolean => {
      const { status, means } = errorFacts(code)
      return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(code) && status >= 400 && status < 600 && /^[A-Z].*\.$/.test(means)
    }
    expect(codes.filter((code) => !isGood(code))).toEqual([])
  })

  it('translates into codes that inferences throw', () => {
    const targets = codes.flatMap((code) => errorFacts(code).inferAs ?? [])
    expect(targets.length).toBeGreaterThan(0)
    expect(targets.filter((code) => !isErrorCode(code) || !hasTrait(code, 'inference'))).toEqual([])
  })

  it('believes no code of another version, nor the name of something that every object has', () => {
    for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'of-a-later-version']) {
      expect(isErrorCode(word)).toBe(false)
      expect(toErrorCode(word, 'peer-failed')).toBe('peer-failed')
    }
    expect(toErrorCode('link-lost', 'peer-failed')).toBe('link-lost')
  })

  it('lets no unknown code compile', () => {
    // @ts-expect-error: not in the table
    expect(new AppError('not-in-the-table', '').code).toBe('not-in-the-table')
  })

  it('is what docs/errors.md says: run node setup/generate/write-error-docs.mjs', () => {
    expect(read('docs/errors.md')).toBe(formatErrorDocs())
  })
})
