/** Puts a measured figure where the reader of a test run sees it. */
export function reportFigure(name: string, value: number, unit: string): void {
  process.stdout.write(`figure: ${name} ${value.toFixed(value < 10 ? 2 : 0)} ${unit}\n`)
}
