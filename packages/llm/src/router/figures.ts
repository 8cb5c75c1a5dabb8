/**
 * Room for a figure of each candidate, for the pick that is being made: the next one overwrites it. A group may have a
 * thousand, and numbers that lie side by side are compared several times as fast as those that are asked for.
 */
export function roomForFigures(count: number): Float64Array {
  if (figures.length < count) figures = new Float64Array(count * 2)
  return figures
}

let figures = new Float64Array(64)
