import { errorMessage } from '../../shared/app-error.ts'
import { LOG_LEVELS, type LogLine, LogPage, type LogPlace, MOST_LOG_LINES } from '../../shared/wire/peer/log-lines.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'
import type { NodeClient } from '../node-client.ts'
import type { NamedNode } from './chosen-nodes.ts'

export interface NodeLogLine extends LogLine {
  readonly nodeId: string
  readonly name: string
}

/** What a node's log says beside its lines. */
export interface LogNotice extends NamedNode {
  readonly message: string
}

export interface ReadLogs {
  /** Of all nodes, in the order of their clocks. */
  readonly lines: readonly NodeLogLine[]
  readonly notices: readonly LogNotice[]
}

/** Parts that are read of one node at once, so that a flood of lines does not keep the others waiting. */
const MOST_PAGES = 4

/** Reads the logs of nodes: at first the last lines, then what is new at each call. */
export class LogReader {
  readonly #client: Pick<NodeClient, 'get'>
  readonly #lowest: number
  readonly #places = new Map<string, LogPlace>()
  /** The failures that were reported and last until the node answers again. */
  readonly #failing = new Set<string>()

  /** @param level - lines below it are left out */
  constructor(client: Pick<NodeClient, 'get'>, level: LogLine['level']) {
    this.#client = client
    this.#lowest = LOG_LEVELS.indexOf(level)
  }

  /** @param lastLines - number of lines of each node at the first call */
  async read(nodes: readonly NamedNode[], lastLines: number): Promise<ReadLogs> {
    const notices: LogNotice[] = []
    const lines = await Promise.all(
      nodes.map(async (node) => {
        try {
          const ofNode = await this.#readNode(node, lastLines, notices)
          this.#failing.delete(node.nodeId)
          return ofNode
        } catch (error) {
          if (!this.#failing.has(node.nodeId)) notices.push({ ...node, message: errorMessage(error) })
          this.#failing.add(node.nodeId)
          return []
        }
      }),
    )
    return { lines: lines.flat().sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)), notices }
  }

  async #readNode(node: NamedNode, lastLines: number, notices: LogNotice[]): Promise<NodeLogLine[]> {
    const found: NodeLogLine[] = []
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const after = this.#places.get(node.nodeId)
      const query = new URLSearchParams({
        node: node.nodeId,
        lines: String(after === undefined ? Math.min(lastLines, MOST_LOG_LINES) : MOST_LOG_LINES),
        ...(after === undefined ? {} : { after }),
      })
      const page = parseSaid(LogPage.loose(), await this.#client.get(`/logs?${query.toString()}`))
      this.#places.set(node.nodeId, page.end)
      if (page.lostLines > 0) notices.push({ ...node, message: `${page.lostLines} lines were lost: the node keeps only the newest.` })
      found.push(...page.lines.map((line) => ({ ...node, ...line })))
      if (!page.hasMore) break
    }
    return found.filter(({ level }) => LOG_LEVELS.indexOf(level) >= this.#lowest)
  }
}
