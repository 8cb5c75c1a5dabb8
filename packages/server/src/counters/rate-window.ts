/** LiteLLM's window of rates: the first request opens it. */
export const RATE_WINDOW_MS = 60_000
