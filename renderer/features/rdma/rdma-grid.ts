import type { LinkView } from '../../../main/shared/cluster-view.ts'

/** [i][j]: the devices of node i whose cables lead to node j; null on the diagonal, empty without a cable. */
export function rdmaGrid(nodeIds: readonly string[], links: readonly LinkView[]): (readonly string[] | null)[][] {
  return nodeIds.map((from) =>
    nodeIds.map((to) =>
      from === to
        ? null
        : links.filter((link) => link.kind === 'rdma' && link.from === from && link.to === to).flatMap(({ device }) => device ?? []),
    ),
  )
}

/** Pairs without a device on both sides. */
export function missingPairs(nodeIds: readonly string[], grid: ReturnType<typeof rdmaGrid>): [string, string][] {
  return nodeIds.flatMap((first, row) =>
    nodeIds.slice(row + 1).flatMap((second, offset): [string, string][] => {
      const column = row + 1 + offset
      const isJoined = (grid[row]?.[column]?.length ?? 0) > 0 && (grid[column]?.[row]?.length ?? 0) > 0
      return isJoined ? [] : [[first, second]]
    }),
  )
}
