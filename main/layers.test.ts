import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

const pure = ['main/shared', 'main/domain']
const service = [...pure, 'main/platform']
/** The rooms that every feature of the dashboard may use. */
const interfaceRooms = ['main/shared', 'renderer/client', 'renderer/services', 'renderer/store', 'renderer/ui']

/**
 * The other rooms that each room may import. Service rooms never import each other: each declares the port it needs,
 * and only the rooms of the node see both sides. A path belongs to the room with the longest name that is a prefix of
 * it.
 */
const importableRooms: Readonly<Record<string, readonly string[]>> = {
  'main/shared': [],
  'main/domain': ['main/shared'],
  'main/platform': pure,
  'main/discovery': service,
  'main/models': service,
  'main/cluster': service,
  'main/router': service,
  'main/worker': service,
  'main/worker/supervisor': service,
  'main/worker/child': [...service, 'main/worker', 'native'],
  'main/api': service,
  'main/history': service,
  'main/mcp': service,
  'main/metrics': service,
  'main/benchmark': service,
  'main/diagnostics': service,
  'main/node/config': service,
  'main/node/files': [...service, 'main/api', 'main/cluster'],
  'main/node/models': [...service, 'main/api', 'main/cluster', 'main/models', 'main/router', 'main/node/__fixtures__'],
  'main/node/peers': [...service, 'main/cluster', 'main/discovery', 'main/node/__fixtures__'],
  'main/node/shards': [
    ...service,
    'main/cluster',
    'main/models',
    'main/router',
    'main/worker/supervisor',
    'main/node/models',
    'main/node/__fixtures__',
  ],
  'main/node/member': [
    ...service,
    'main/api',
    'main/cluster',
    'main/discovery',
    'main/metrics',
    'main/models',
    'main/router',
    'main/worker/supervisor',
    'main/node/config',
    'main/node/files',
    'main/node/models',
    'main/node/peers',
    'main/node/shards',
  ],
  'main/node/api': [
    ...service,
    'main/api',
    'main/cluster',
    'main/diagnostics',
    'main/history',
    'main/metrics',
    'main/models',
    'main/router',
    'main/node/files',
    'main/node/member',
    'main/node/peers',
    'main/node/shards',
  ],
  'main/node/__fixtures__': [...service, 'main/cluster'],
  'main/node/start': [
    ...service,
    'main/api',
    'main/cluster',
    'main/discovery',
    'main/history',
    'main/mcp',
    'main/metrics',
    'main/models',
    'main/router',
    'main/node/api',
    'main/node/config',
    'main/node/files',
    'main/node/member',
    'main/node/peers',
    'main/node/shards',
  ],
  'main/node': [
    ...service,
    'main/cluster',
    'main/discovery',
    'main/node/api',
    'main/node/config',
    'main/node/files',
    'main/node/member',
    'main/node/shards',
    'main/node/start',
  ],
  'main/cli': [
    ...service,
    'main/node',
    'main/node/config',
    'main/node/files',
    'main/node/member',
    'main/node/peers',
    'main/discovery',
    'main/models',
    'main/history',
    'main/benchmark',
    'main/diagnostics',
  ],
  /** A host of the node, and of the command line for users who have only the app. */
  'main/electron': [...service, 'main/node', 'main/node/config', 'main/node/files', 'main/cli'],
  native: ['main/shared'],
  'renderer/client': ['main/shared'],
  'renderer/store': ['main/shared', 'renderer/client'],
  /** The conversations of the chat and their storage, without a view. */
  'renderer/features/chat/conversation': ['main/shared', 'renderer/client'],
  'renderer/services': ['main/shared', 'renderer/client', 'renderer/store', 'renderer/features/chat/conversation'],
  'renderer/ui': ['main/shared', 'renderer/client', 'renderer/services'],
  'renderer/features/activity': interfaceRooms,
  'renderer/features/first-run': interfaceRooms,
  'renderer/features/connect': interfaceRooms,
  'renderer/features/history': interfaceRooms,
  'renderer/features/join': interfaceRooms,
  'renderer/features/memory': interfaceRooms,
  'renderer/features/settings': [...interfaceRooms, 'renderer/features/join'],
  'renderer/features/cluster': [...interfaceRooms, 'renderer/features/activity', 'renderer/features/join', 'renderer/features/memory'],
  'renderer/features/throughput': [...interfaceRooms, 'renderer/features/history'],
  'renderer/features/instances': [...interfaceRooms, 'renderer/features/throughput'],
  'renderer/features/rdma': [...interfaceRooms, 'renderer/features/cluster'],
  'renderer/features/diagnostics': [...interfaceRooms, 'renderer/features/rdma'],
  'renderer/features/models': [...interfaceRooms, 'renderer/features/cluster', 'renderer/features/instances'],
  'renderer/features/chat': [
    ...interfaceRooms,
    'renderer/diagrams',
    'renderer/features/chat/conversation',
    'renderer/features/cluster',
    'renderer/features/models',
  ],
  'renderer/diagrams': [],
  'renderer/popover': [...interfaceRooms, 'renderer/features/join'],
  'renderer/app': [
    ...interfaceRooms,
    'renderer/features/activity',
    'renderer/features/chat',
    'renderer/features/chat/conversation',
    'renderer/features/cluster',
    'renderer/features/connect',
    'renderer/features/diagnostics',
    'renderer/features/first-run',
    'renderer/features/history',
    'renderer/features/instances',
    'renderer/features/join',
    'renderer/features/memory',
    'renderer/features/models',
    'renderer/features/rdma',
    'renderer/features/settings',
    'renderer/features/throughput',
  ],
  bench: [...service, 'main/benchmark'],
  e2e: service,
  /** A fuzz target may run any parser. */
  fuzz: [
    ...service,
    'main/cluster',
    'main/models',
    'main/api',
    'main/discovery',
    'main/mcp',
    'main/node/peers',
    'main/worker/supervisor',
    'native',
  ],
  /** Nodes that only find each other and link, without the rest of a node. */
  'e2e/network': [...service, 'main/cluster', 'main/discovery', 'e2e'],
  'e2e/security': [...service, 'main/cluster', 'e2e'],
}

const sources = globSync(
  ['main/**/*.{ts,tsx}', 'native/**/*.{ts,tsx}', 'renderer/**/*.{ts,tsx}', 'e2e/**/*.{ts,tsx}', 'fuzz/**/*.ts', 'bench/**/*.ts'],
  { cwd: root },
)
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file !== 'main/layers.test.ts')
  .sort()

/** Everything written by hand: sources, tests, scripts and styles. */
const codeFiles = globSync(
  [
    'main/**/*.{ts,tsx}',
    'native/{*,family/**,plan/**,weights/**,parity/**,cross/**,__fixtures__/**}.{ts,py,mjs}',
    'renderer/**/*.{ts,tsx,css}',
    'e2e/**/*.{ts,mjs,py}',
    'fuzz/**/*.ts',
    'bench/**/*.{ts,py}',
    'setup/**/*.{mjs,py}',
  ],
  { cwd: root, exclude: ['**/node_modules/**'] },
).map((file) => file.split(sep).join('/'))

/** Files that are tables rather than code: the one exception to the length limit. */
const tables: readonly string[] = ['main/shared/error-codes.ts', 'native/plan/decoder-plan.ts']

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

function roomOf(path: string): string | undefined {
  return Object.keys(importableRooms)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0]
}

/** Files of this project that `file` imports, relative to the project; a page imports the styles of all rooms. */
function importedFiles(file: string): string[] {
  return ts
    .preProcessFile(read(file), true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((specifier) => specifier.startsWith('.') && !specifier.endsWith('.css'))
    .map((specifier) =>
      relative(root, join(root, file, '..', specifier))
        .split(sep)
        .join('/'),
    )
}

/** The names that `file` declares and exports; a type and its schema may share one. */
function exportedNames(file: string): ReadonlySet<string> {
  const declaration =
    /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm
  return new Set([...read(file).matchAll(declaration)].map(([, name = '']) => name))
}

interface Import {
  readonly from: string
  readonly to: string
  readonly fromRoom: string | undefined
  readonly toRoom: string | undefined
}

const imports: readonly Import[] = sources.flatMap((from) =>
  importedFiles(from).map((to) => ({ from, to, fromRoom: roomOf(from), toRoom: roomOf(to) })),
)

/** Each circle of imports, once, as a line. */
function circlesIn(arrows: readonly Pick<Import, 'from' | 'to'>[]): string[] {
  const targets = new Map<string, Set<string>>()
  for (const { from, to } of arrows) targets.set(from, (targets.get(from) ?? new Set()).add(to))
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (place: string, path: readonly string[]): void => {
    if (path.includes(place)) circles.push([...path.slice(path.indexOf(place)), place].join(' -> '))
    if (path.includes(place) || done.has(place)) return
    for (const next of targets.get(place) ?? []) visit(next, [...path, place])
    done.add(place)
  }
  for (const place of targets.keys()) visit(place, [])
  return circles
}

describe('the rooms', () => {
  it('hold every source', () => {
    expect(sources.length).toBeGreaterThan(20)
    expect(sources.filter((file) => roomOf(file) === undefined)).toEqual([])
  })

  it('import only what the table allows', () => {
    const isAllowed = ({ fromRoom, toRoom }: Import): boolean =>
      toRoom !== undefined && (fromRoom === toRoom || (importableRooms[fromRoom ?? '']?.includes(toRoom) ?? false))
    expect(imports.filter((entry) => !isAllowed(entry)).map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
  })

  it('import one another without a cycle', () => {
    expect(circlesIn(Object.entries(importableRooms).flatMap(([from, rooms]) => rooms.map((to) => ({ from, to }))))).toEqual([])
  })

  it('hold no files that import one another in a circle', () => {
    expect(circlesIn(imports)).toEqual([])
  })

  it('have folders that import one another one way', () => {
    // native: a family describes what a plan plans, and each names parts of the other.
    const isJudged = (path: string): boolean => /^(main|renderer)\//.test(path) && !/\.test\.|__fixtures__/.test(path)
    const isWithin = (folder: string, other: string): boolean => folder === other || folder.startsWith(`${other}/`)
    // Elsewhere a folder wires its sub-rooms, which use the types that it declares.
    const isStrict = (folder: string): boolean => /^main\/(models|node|platform)(\/|$)/.test(folder)
    const betweenFolders = imports
      .filter(({ from, to }) => isJudged(from) && isJudged(to))
      .map(({ from, to }) => ({ from: dirname(from), to: dirname(to) }))
      .filter(({ from, to }) => from !== to && (isStrict(from) || (!isWithin(from, to) && !isWithin(to, from))))
    expect(betweenFolders.length).toBeGreaterThan(1_000)
    expect(circlesIn(betweenFolders)).toEqual([])
  })

  it('hold at most 25 files flat, tests included: more than that are several concepts', () => {
    const counts = new Map<string, number>()
    for (const file of codeFiles) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
    expect(counts.size).toBeGreaterThan(100)
    expect([...counts].filter(([, count]) => count > 25)).toEqual([])
  })

  it('are pure where they say so: no package but zod', () => {
    const packagesOf = (file: string): string[] =>
      ts
        .preProcessFile(read(file), true, true)
        .importedFiles.map(({ fileName }) => fileName)
        .filter((name) => !name.startsWith('.'))
    const isPure = (file: string): boolean => pure.includes(roomOf(file) ?? '') && !file.endsWith('.test.ts')
    expect(sources.filter((file) => isPure(file) && packagesOf(file).some((name) => name !== 'zod'))).toEqual([])
  })

  it('leave the native addon to the worker child', () => {
    // A fuzz target runs the parsers beside the addon.
    const isParser = ({ fromRoom, to }: Import): boolean =>
      fromRoom === 'fuzz' && /^native\/(family|plan|weights)\/|^native\/native-error\.ts$/.test(to)
    const importers = imports.filter((each) => each.toRoom === 'native' && each.fromRoom !== 'native' && !isParser(each))
    expect([...new Set(importers.map(({ fromRoom }) => fromRoom))].filter((room) => room !== 'main/worker/child')).toEqual([])
  })
})

describe('every source file', () => {
  it('is named in kebab-case, a component in PascalCase', () => {
    const isWellNamed = (file: string): boolean =>
      /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|spec|config|d|fuzz|long))*\.ts$/.test(basename(file)) ||
      /^([A-Z][A-Za-z0-9]*|[a-z0-9-]+)(\.test)?\.tsx$/.test(basename(file))
    expect(sources.filter((file) => !isWellNamed(file))).toEqual([])
  })

  it('says in its name what it holds', () => {
    const vague = /(^|[/-])(utils?|helpers?|manager|common|misc|lib)(\.|$|-)/
    expect(sources.filter((file) => vague.test(file))).toEqual([])
  })

  it('has at most 360 lines as the formatter writes them, a test 480', () => {
    const limit = (file: string): number => (/\.(test|spec)\.tsx?$/.test(file) ? 480 : 360)
    const lengths = sources.filter((file) => !tables.includes(file)).map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    expect(lengths.filter(({ file, lines }) => lines > limit(file))).toEqual([])
  })

  it('exports no name that another file exports too', () => {
    const filesOf = new Map<string, string[]>()
    for (const file of sources.filter((each) => !/\.(test|spec|fuzz)\.tsx?$/.test(each))) {
      for (const name of exportedNames(file)) filesOf.set(name, [...(filesOf.get(name) ?? []), file])
    }
    expect([...filesOf].filter(([, files]) => files.length > 1).map(([name, files]) => `${name}: ${files.join(', ')}`)).toEqual([])
  })

  it('is no barrel: only native/index.ts gathers exports of others', () => {
    const isBarrel = (file: string): boolean => basename(file) === 'index.ts' || /^export \* from/m.test(read(file))
    expect(sources.filter((file) => file !== 'native/index.ts' && isBarrel(file))).toEqual([])
  })

  it('is inside the project, whose files name no package registry', () => {
    // Built from parts, so that this file also follows the rule.
    const registries = [
      ['registry', 'npmjs'],
      ['registry', 'yarnpkg'],
      ['pypi', 'org'],
      ['files', 'pythonhosted'],
      ['deb', 'debian'],
      ['security', 'debian'],
    ]
    const registry = new RegExp(registries.map((labels) => labels.join('\\.')).join('|'))
    const others = globSync(
      ['*.{json,md,js,ts,yml}', '.npmrc', 'exo', '.ci/*', 'setup/**/*.{mjs,txt,in,py}', 'native/**/*.{cpp,h,txt,py,cmake}'],
      { cwd: root },
    )
    expect([...sources, ...others, 'main/layers.test.ts'].filter((file) => registry.test(read(file)))).toEqual([])
  })
})
