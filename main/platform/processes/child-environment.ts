/** Variables that MLX reads: those left in a shell by earlier use of MLX or its launcher must not tell a worker which group it is in. */
const MLX_VARIABLE = /^(MLX|JACCL)_/

/** The environment of a child process: this process's own without MLX's variables, plus `added`. */
export function childEnvironment(
  added: Readonly<Record<string, string>>,
  inherited: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> {
  return { ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !MLX_VARIABLE.test(name))), ...added }
}
