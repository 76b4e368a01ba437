/**
 * How MLX interprets an environment, following mlx/distributed/jaccl/lib/jaccl/jaccl.cpp and
 * mlx/distributed/ring/ring.cpp. Files are given by path.
 */
export type MlxGroup =
  | {
      readonly kind: 'jaccl-mesh'
      readonly rank: number
      readonly size: number
      readonly coordinator: MlxAddress
      readonly devices: readonly string[]
    }
  | {
      readonly kind: 'jaccl-ring'
      readonly rank: number
      readonly size: number
      readonly coordinator: MlxAddress
      readonly left: readonly string[]
      readonly right: readonly string[]
    }

export interface MlxAddress {
  readonly host: string
  readonly port: string
}

type Files = ReadonlyMap<string, string>
type Variables = Readonly<Record<string, string>>

export function readJacclAsMlx(variables: Variables, files: Files): MlxGroup {
  const first = (...names: string[]): string | undefined => names.map((name) => variables[name]).find((value) => value !== undefined)
  const devices = parseDevices(files.get(first('JACCL_IBV_DEVICES', 'MLX_IBV_DEVICES') ?? '') ?? '')
  const coordinator = first('JACCL_COORDINATOR', 'MLX_JACCL_COORDINATOR') ?? ''
  const rank = Number.parseInt(first('JACCL_RANK', 'MLX_RANK') ?? '0', 10)
  const prefersRing = first('JACCL_RING', 'MLX_JACCL_RING') !== undefined
  const size = devices.length
  const between = (from: number, to: number): readonly string[] => devices[from]?.[to] ?? []
  const ranks = [...devices.keys()]
  const left = (rank + size - 1) % size
  const right = (rank + 1) % size
  const isMesh = size >= 2 && ranks.every((from) => ranks.every((to) => (from === to) === (between(from, to).length === 0)))
  const isRing =
    size >= 2 &&
    ranks.every((from) => [(from + size - 1) % size, (from + 1) % size].every((to) => between(from, to).length === between(0, 1).length))
  if (!(rank >= 0 && rank < size && coordinator !== '' && (isMesh || isRing)))
    throw new Error('[jaccl] You need to provide a rank, a device file and a coordinator')
  const group = { rank, size, coordinator: parseAddress(coordinator) }
  if (prefersRing && isRing) return { kind: 'jaccl-ring', ...group, left: between(rank, left), right: between(rank, right) }
  if (!isMesh) return { kind: 'jaccl-ring', ...group, left: between(rank, left), right: between(rank, right) }
  if (size > 8) throw new Error('[jaccl] The JACCL mesh supports up to 8 peers')
  return { kind: 'jaccl-mesh', ...group, devices: ranks.map((to) => (to === rank ? '' : (between(rank, to)[0] ?? ''))) }
}

export interface MlxRing {
  readonly rank: number
  readonly size: number
  readonly listensOn: readonly MlxAddress[]
  readonly connectsTo: readonly MlxAddress[]
}

export function readRingAsMlx(variables: Variables, files: Files): MlxRing {
  const path = variables['MLX_HOSTFILE']
  const rankText = variables['MLX_RANK']
  if (path === undefined || rankText === undefined) throw new Error('[ring] You need to provide both a rank and a hostfile')
  const nodes = (JSON.parse(files.get(path) ?? '') as string[][]).map((addresses) => addresses.map(parseAddress))
  const rank = Number.parseInt(rankText, 10)
  const size = nodes.length
  if (rank >= size) throw new Error('[ring] Rank cannot be larger than the size of the group')
  return { rank, size, listensOn: nodes[rank] ?? [], connectsTo: nodes[(rank + 1) % size] ?? [] }
}

function parseDevices(text: string): string[][][] {
  const devices: unknown = JSON.parse(text)
  if (!Array.isArray(devices)) throw new Error('[jaccl] The device file should start with an array')
  return devices.map((row: unknown) => {
    if (!Array.isArray(row) || row.length !== devices.length)
      throw new Error('[jaccl] The device file should contain the connectivity of each rank to all other ranks')
    return row.map((names: unknown) => {
      if (typeof names === 'string') return [names]
      if (Array.isArray(names)) return names as string[]
      if (names === null) return []
      throw new Error('[jaccl] Device names should be null, a string or array of strings.')
    })
  })
}

function parseAddress(text: string): MlxAddress {
  const colon = text.indexOf(':')
  if (colon < 0) throw new Error(`Can't parse address ${text}`)
  return { host: text.slice(0, colon), port: text.slice(colon + 1) }
}
