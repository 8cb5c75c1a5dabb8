import { parseArgs } from 'node:util'
import { cases } from './cases/index.ts'

/** Measures one case of one library and prints its figures; run.ts starts it. */
const { values } = parseArgs({
  options: {
    case: { type: 'string', default: '' },
    folder: { type: 'string', default: '' },
    lean: { type: 'string', default: '' },
    scratch: { type: 'string', default: '' },
    postgres: { type: 'string', default: '' },
  },
})
const found = cases.find(({ id }) => id === values.case)
if (found === undefined) throw new Error(`no such case: ${values.case}`)
const figures = await found.measure({
  folder: values.folder,
  leanFolder: values.lean,
  scratch: values.scratch,
  postgresUrl: values.postgres,
})
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0))
