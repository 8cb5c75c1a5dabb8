import { completionCost } from '../catalog/index.ts'
import { formatUsd, picoUsdFromUsd, usdFromPicoUsd } from '../catalog/money.ts'
import { createError } from '../errors.ts'
import type { CountableMessage } from '../tokens/index.ts'
import type { Account, Book } from './book.ts'
import { charge, clear, openAccount, readBook, turn, writeBook } from './book.ts'
import type { BudgetStorage } from './storage.ts'
import { fileStorage } from './storage.ts'

export interface BudgetManagerOptions {
  /** Names the file: `<project_name>.budgets.json` in the working folder. */
  project_name?: string | undefined
  /** Where budgets are kept instead: `fileStorage(path)`, `memoryStorage()` or your own. */
  storage?: BudgetStorage | undefined
  nowMs?: (() => number) | undefined
}

export interface NewBudget {
  /** USD. */
  total_budget: number | string
  user: string
  /** When it begins anew: `daily`, `weekly`, `monthly`, `yearly`, `30d` … Left out: never. */
  duration?: string | undefined
}

/** What a call is to be charged with: what was answered, or the texts to count. */
export interface CostUpdate {
  user: string
  /** An answer in OpenAI's shape, with its usage. */
  completion_obj?: unknown
  model?: string | undefined
  input_text?: string | undefined
  output_text?: string | undefined
}

/**
 * Budgets by user or project, kept in a file or in any storage. It counts; `configure({ budget_manager })` makes calls
 * with a `user` heed it. Amounts are exact inside and in what is kept; what is returned is USD as a number, for people.
 *
 * @example
 * const budgets = new BudgetManager({ project_name: 'my-app' })
 * await budgets.createBudget({ total_budget: 10, user: 'ada', duration: 'monthly' })
 */
export class BudgetManager {
  readonly #storage: BudgetStorage
  readonly #nowMs: () => number
  readonly #held = new Map<string, bigint>()
  #book: Promise<Book> | undefined
  #saving: Promise<void> = Promise.resolve()

  constructor({ project_name = 'switchyard', storage, nowMs = Date.now }: BudgetManagerOptions = {}) {
    this.#storage = storage ?? fileStorage(`${project_name}.budgets.json`)
    this.#nowMs = nowMs
  }

  /**
   * Gives a user a budget; whoever has one gets the new one and keeps what was spent.
   *
   * @throws `bad_request` for an amount or a duration that is none.
   */
  async createBudget({ total_budget, user, duration }: NewBudget): Promise<void> {
    const totalPicoUsd = amountOf(total_budget, 'total_budget')
    const book = await this.#open()
    const known = book.get(user)
    const fresh = openAccount(totalPicoUsd, duration, this.#nowMs())
    book.set(user, known === undefined ? fresh : { ...known, totalPicoUsd, duration })
    await this.saveData()
  }

  async isValidUser(user: string): Promise<boolean> {
    return (await this.#open()).has(user)
  }

  async getUsers(): Promise<string[]> {
    return [...(await this.#open()).keys()]
  }

  /** USD. */
  async getTotalBudget(user: string): Promise<number> {
    return usdFromPicoUsd((await this.#account(user)).totalPicoUsd)
  }

  /** What was spent, in USD, since the budget began or began anew. */
  async getCurrentCost(user: string): Promise<number> {
    return usdFromPicoUsd((await this.#account(user)).spentPicoUsd)
  }

  /** The same by model. */
  async getModelCost(user: string): Promise<Record<string, number>> {
    const { byModelPicoUsd } = await this.#account(user)
    return Object.fromEntries([...byModelPicoUsd].map(([model, cost]) => [model, usdFromPicoUsd(cost)]))
  }

  /**
   * What a user would have spent, in USD, after asking this: without the answer, which nobody knows yet.
   *
   * @throws `unknown_price`
   */
  async projectedCost(call: {
    model: string
    messages: readonly CountableMessage[]
    user: string
  }): Promise<number> {
    const { spentPicoUsd } = await this.#account(call.user)
    const asked = picoUsdFromUsd(completionCost({ model: call.model, messages: call.messages }))
    return usdFromPicoUsd(spentPicoUsd + asked)
  }

  /**
   * Charges a user with a call. Returns what it has come to, in USD.
   *
   * @throws `unknown_price`
   */
  async updateCost({ user, completion_obj, model, input_text, output_text }: CostUpdate): Promise<number> {
    const usd = completionCost({
      model,
      completion_response: completion_obj,
      ...(completion_obj === undefined ? { prompt: input_text ?? '', completion: output_text ?? '' } : {}),
    })
    const answered = (completion_obj as { model?: unknown } | undefined)?.model
    await this.chargePicoUsd(user, model ?? String(answered), picoUsdFromUsd(usd))
    return this.getCurrentCost(user)
  }

  /** Charges a user with an exact amount, in pico-USD. */
  async chargePicoUsd(user: string, model: string, picoUsd: bigint): Promise<void> {
    charge(await this.#account(user), model, picoUsd)
    await this.saveData()
  }

  /** What a user has left, in pico-USD; below 0 where more was spent. `undefined`: the user has no budget. */
  async leftPicoUsd(user: string): Promise<bigint | undefined> {
    if (!(await this.isValidUser(user))) return undefined
    const { totalPicoUsd, spentPicoUsd } = await this.#account(user)
    return totalPicoUsd - spentPicoUsd
  }

  /**
   * Sets an amount aside for a call that is about to be made, in pico-USD. Whether the user has a budget at all.
   *
   * @throws `budget_exceeded` where too little is left.
   */
  async holdPicoUsd(user: string, picoUsd: bigint): Promise<boolean> {
    if (!(await this.isValidUser(user))) return false
    const { totalPicoUsd, spentPicoUsd } = await this.#account(user)
    const held = this.#held.get(user) ?? 0n
    if (spentPicoUsd + held + picoUsd > totalPicoUsd)
      throw createError({
        code: 'budget_exceeded',
        message: `Budget of user '${user}' has been exceeded: ${formatUsd(spentPicoUsd)} of ${formatUsd(totalPicoUsd)} USD are spent, ${formatUsd(held)} set aside for calls under way, and this one may cost ${formatUsd(picoUsd)}. A smaller max_tokens makes it cost less`,
        param: 'user',
      })
    this.#held.set(user, held + picoUsd)
    return true
  }

  /** Gives back what was set aside, and charges what the call did cost. */
  async settlePicoUsd(user: string, held: bigint, model: string, paid: bigint): Promise<void> {
    const left = (this.#held.get(user) ?? 0n) - held
    if (left > 0n) this.#held.set(user, left)
    else this.#held.delete(user)
    if (paid > 0n) await this.chargePicoUsd(user, model, paid)
  }

  /** Forgets what was spent. */
  async resetCost(user: string): Promise<void> {
    clear(await this.#account(user), this.#nowMs())
    await this.saveData()
  }

  /** Begins anew where a user's time is over, as every other method does by itself. Whether it was. */
  async resetOnDuration(user: string): Promise<boolean> {
    const book = await this.#open()
    const account = known(book, user)
    const turned = turn(account, this.#nowMs())
    if (turned) await this.saveData()
    return turned
  }

  /** Writes everything to the storage: each change does, one after the other. */
  async saveData(): Promise<void> {
    const book = await this.#open()
    const save = this.#saving.then(() => this.#storage.save(writeBook(book)))
    this.#saving = save.catch(() => undefined)
    await save
  }

  async #account(user: string): Promise<Account> {
    const account = known(await this.#open(), user)
    turn(account, this.#nowMs())
    return account
  }

  /** What could not be loaded is tried again with the next question. */
  #open(): Promise<Book> {
    this.#book ??= this.#load().catch((error: unknown) => {
      this.#book = undefined
      throw error
    })
    return this.#book
  }

  async #load(): Promise<Book> {
    const text = await this.#storage.load()
    return text === undefined ? new Map<string, Account>() : readBook(text)
  }
}

function known(book: Book, user: string): Account {
  const account = book.get(user)
  if (account !== undefined) return account
  throw createError({
    code: 'not_found',
    message: `User '${user}' has no budget: createBudget({ user, total_budget }) gives one`,
    param: 'user',
  })
}

function amountOf(usd: number | string, param: string): bigint {
  try {
    const picoUsd = picoUsdFromUsd(usd)
    if (picoUsd >= 0n) return picoUsd
  } catch {
    // Said below, as for an amount below 0.
  }
  throw createError({ code: 'bad_request', message: `${param} is '${usd}': give an amount in USD`, param })
}
