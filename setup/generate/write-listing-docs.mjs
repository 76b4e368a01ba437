import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatListingDocs } from '../../main/cli/listings/format-listing-docs.ts'

writeFileSync(join(import.meta.dirname, '../..', 'docs', 'listings.md'), formatListingDocs())
