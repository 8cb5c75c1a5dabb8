/** Thrown where a cost is asked for and no price of the model is known: a cost is never silently zero. */
export class UnknownPriceError extends Error {
  override readonly name: string = 'UnknownPriceError'
  readonly model: string

  constructor(model: string) {
    super(
      `no price is known for model '${model}'; register one with registerModel(), ` +
        `or set input_cost_per_token and output_cost_per_token in its model_info`,
    )
    this.model = model
  }
}
