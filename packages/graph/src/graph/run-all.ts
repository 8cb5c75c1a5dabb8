/** Runs each input, a number of them at a time. @returns the results in the order of the inputs */
export async function runAll<Input, Output>(
  inputs: readonly Input[],
  limit: number,
  run: (input: Input, index: number) => Promise<Output>,
): Promise<Output[]> {
  const results: Output[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < inputs.length) {
      const index = next
      next += 1
      results[index] = await run(inputs[index] as Input, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, inputs.length) }, worker))
  return results
}
