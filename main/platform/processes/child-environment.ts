/** What MLX reads: a shell that was used with MLX before, or its launcher, must not tell a worker which group it is in. */
const MLX_VARIABLE = /^(MLX|JACCL)_/

/** The environment of a process that this one starts: its own without MLX's variables, then `added`. */
export function childEnvironment(
  added: Readonly<Record<string, string>>,
  inherited: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> {
  return { ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !MLX_VARIABLE.test(name))), ...added }
}
