import { execFile } from 'node:child_process'

/** Runs a system command to its end. Rejects with its stderr. */
export function runCommand(command: string, commandArguments: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, commandArguments, { timeout: 20_000 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      const reason = isMissing ? `${command} is missing: apt-get install iproute2 nftables` : `${stderr}${error.message}`
      reject(new Error(`${command} ${commandArguments.join(' ')}: ${reason}`))
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}
