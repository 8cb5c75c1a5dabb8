/** Any value that survives `JSON.parse(JSON.stringify(value))`. */
export type Json = null | boolean | number | string | Json[] | JsonObject

/** A JSON object with unknown keys: what a wire holds before a protocol has read it. */
export interface JsonObject {
  [key: string]: Json | undefined
}
