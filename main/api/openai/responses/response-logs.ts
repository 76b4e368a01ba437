import { ResponseLog } from './response-log.ts'

const MOST_BYTES = 32 << 20
const MOST = 1000

/** The events of running responses and of the most recent ones, within a limit. */
export class ResponseLogs {
  private readonly logs = new Map<string, ResponseLog>()

  begin(id: string): ResponseLog {
    this.makeRoom()
    const log = new ResponseLog()
    this.logs.set(id, log)
    return log
  }

  /** null: the events are not kept. */
  find(id: string): ResponseLog | null {
    return this.logs.get(id) ?? null
  }

  remove(id: string): void {
    this.logs.delete(id)
  }

  private makeRoom(): void {
    const ended = [...this.logs].filter(([, log]) => log.hasEnded)
    let bytes = ended.reduce((sum, [, log]) => sum + log.bytes, 0)
    let count = ended.length
    for (const [id, log] of ended) {
      if (bytes <= MOST_BYTES && count < MOST) return
      this.logs.delete(id)
      bytes -= log.bytes
      count -= 1
    }
  }
}
