import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * Joins the compiled modules of a package into a few: what an import costs in time and memory is the number of its files
 * more than their size. Every door stays the file it was. What the main door leads to becomes one chunk, and what only
 * others share another, so that a class is the same whichever door it came through, and the main door still needs
 * nothing of what the others import. Declarations stay as they are.
 *
 * @param dist the folder of compiled modules
 * @param doors names of modules in it that can be imported from outside, the main one first
 */
export async function joinModules(dist, doors) {
  const [main] = doors
  const bundle = await rolldown({
    cwd: dist,
    input: Object.fromEntries(doors.map((door) => [door, `./${door}.js`])),
    external: /^[^./]/,
    platform: 'neutral',
    treeshake: { moduleSideEffects: false },
  })
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: [
        { name: 'core', test: (id) => id === join(dist, `${main}.js`), priority: 1 },
        { name: 'shared', minShareCount: 2 },
      ],
    },
    comments: false,
    // A text with any other character takes two bytes for each.
    charset: 'ascii',
  })
  await bundle.close()
  for (const { fileName, code } of output) assertNames(fileName, code)
  for (const file of readdirSync(dist, { recursive: true }))
    if (file.endsWith('.js')) rmSync(join(dist, file))
  for (const { fileName, code } of output) {
    mkdirSync(dirname(join(dist, fileName)), { recursive: true })
    writeFileSync(join(dist, fileName), code)
  }
}

/** Of two classes with one name, one gets another; users would see that in its `name`, an error's above all. */
function assertNames(fileName, code) {
  const exported = code.match(/^export \{[^}]*\}/m)?.[0] ?? ''
  for (const [, renamed] of code.matchAll(/^(?:var (?=\S+ = class\b)|class )(\w+\$\d+)/gm))
    if (exported.includes(renamed)) throw new Error(`${fileName}: another class has the name of ${renamed}`)
}
