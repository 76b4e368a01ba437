/** A complete event or a name event in the format of chrome://tracing and Perfetto; times in microseconds. */
export interface ChromeEvent {
  readonly name: string
  readonly ph: 'X' | 'M'
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly dur?: number
  readonly args?: Readonly<Record<string, unknown>>
}
