/**
 * Path of a call to a model: `/models/{model}:{method}`. Names may carry their collection
 * (`models/…`, `tunedModels/…`) and Vertex versions (`name@001`).
 */
export function modelPath(model: string, method: string): string {
  const name = model.replace(/^models\//, '')
  const collection = name.startsWith('tunedModels/') ? '' : 'models/'
  const escaped = name.split('/').map(encodeURIComponent).join('/').replaceAll('%40', '@')
  return `/${collection}${escaped}:${method}`
}
