import { PyView } from './python-value.ts'

/** Python's `range`: it prints its bounds. */
export class PyRange extends PyView {
  readonly start: number
  readonly step: number

  constructor(start: number, step: number, length: number, stop = start + step * length) {
    const items = Array.from({ length }, (_, at) => start + at * step)
    super('range', items, `range(${start}, ${stop}${step === 1 ? '' : `, ${step}`})`)
    this.start = start
    this.step = step
  }
}
