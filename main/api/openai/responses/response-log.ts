import { ChangeBell } from '../../../platform/waiting/change-bell.ts'
import { formatEvent } from '../../sending/event-stream.ts'
import type { ResponseEvent } from './response-answer.ts'

/** The events of one response, for all clients that follow it, from its start or from a given event on. */
export class ResponseLog {
  bytes = 0
  hasEnded = false
  private readonly events: string[] = []
  private readonly bell = new ChangeBell()

  get length(): number {
    return this.events.length
  }

  /** @returns the event in the format in which it is sent */
  add(event: ResponseEvent): string {
    const text = formatEvent({ ...event, sequence_number: this.events.length }, event.type)
    this.events.push(text)
    this.bytes += Buffer.byteLength(text)
    this.bell.ring()
    return text
  }

  end(): void {
    this.hasEnded = true
    this.bell.ring()
  }

  /** @param after - number of the last event that the client has; -1: none */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<string> {
    for (let at = after + 1; !signal.aborted; at += 1) {
      while (this.events[at] === undefined && !this.hasEnded && !signal.aborted) await this.bell.next(signal)
      const event = this.events[at]
      if (event === undefined) return
      yield event
    }
  }
}
