// Records the answers of a catalogue's families and signs it: node setup/package/signing/sign-catalogue.mjs CATALOGUE.json
// EXO_UPDATE_KEY: the publisher's Ed25519 key (PEM), or the path of its file. Answers that are recorded already are kept.
import { Buffer } from 'node:buffer'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processHost } from '../../../main/cli/process-host.ts'
import { recordFamilyHere } from '../../../main/node/check-family-here.ts'
import { systemClock } from '../../../main/platform/clock.ts'
import { signCatalogue } from '../../../main/platform/files/catalogue-signature.ts'
import { createLog } from '../../../main/platform/log/log.ts'
import { forkProcess } from '../../../main/platform/processes/fork-process.ts'
import { updateKey } from './sign-update-feed.mjs'

const RECORDED_TOKENS = 16
const [path] = process.argv.slice(2)
if (path === undefined) throw new Error(`usage: node ${join('setup', 'package', 'signing', 'sign-catalogue.mjs')} CATALOGUE.json`)
const key = updateKey(process.env)
const catalogue = JSON.parse(readFileSync(path, 'utf8'))
const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
const dependencies = { host: processHost(forkProcess), clock: systemClock, log }
for (const family of catalogue.families ?? []) {
  if (family.check.tokenIds !== undefined) continue
  Object.assign(family.check, await recordFamilyHere(family, RECORDED_TOKENS, dependencies, AbortSignal.timeout(60_000)))
}
const text = `${JSON.stringify(catalogue, null, 2)}\n`
writeFileSync(path, text)
writeFileSync(`${path}.sig`, `${signCatalogue(Buffer.from(text), key)}\n`)
