/** Prints a measured figure into the output of the test run. */
export function reportFigure(name: string, value: number, unit: string): void {
  process.stdout.write(`figure: ${name} ${value.toFixed(value < 10 ? 2 : 0)} ${unit}\n`)
}
