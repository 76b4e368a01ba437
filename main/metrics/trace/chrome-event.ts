/** A complete event or a name, as chrome://tracing and Perfetto read them; times in microseconds. */
export interface ChromeEvent {
  readonly name: string
  readonly ph: 'X' | 'M'
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly dur?: number
  readonly args?: Readonly<Record<string, unknown>>
}
