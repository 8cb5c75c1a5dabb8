import { renderTable } from '../terminal/table.ts'
import type { Field } from '../terminal/table.ts'
import type { World } from '../world.ts'

/** Shows what a gateway lists: a table of what matters, or with `--json` everything it says. */
export function showList<Row>(
  answers: readonly unknown[],
  read: (answer: unknown) => Row,
  fields: readonly Field<Row>[],
  { json }: { json?: true },
  { stdout }: World,
): void {
  stdout.write(
    json === true ? `${JSON.stringify(answers, undefined, 2)}\n` : renderTable(fields, answers.map(read)),
  )
}
