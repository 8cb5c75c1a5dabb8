import { tool } from './tool.ts'
import type { Tool } from './tool.ts'

const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E, tau: 2 * Math.PI }

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  abs: Math.abs,
  acos: Math.acos,
  asin: Math.asin,
  atan: Math.atan,
  atan2: Math.atan2,
  cbrt: Math.cbrt,
  ceil: Math.ceil,
  cos: Math.cos,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log: Math.log10,
  log10: Math.log10,
  log2: Math.log2,
  max: Math.max,
  min: Math.min,
  pow: Math.pow,
  round: (value, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits,
  sin: Math.sin,
  sqrt: Math.sqrt,
  tan: Math.tan,
}

const LONGEST = 1_000
const DEEPEST = 100
const TOKEN = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([a-zA-Z]\w*)|(\*\*|[-+*/%^(),!]))/y

interface Token {
  readonly type: 'number' | 'name' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null)
      throw new SyntaxError(`"${text.slice(at).trim().charAt(0)}" at ${at} is nothing to calculate with`)
    const [, number, name, sign] = match
    const type = number !== undefined ? 'number' : name !== undefined ? 'name' : 'sign'
    tokens.push({ type, text: number ?? name ?? (sign === '**' ? '^' : (sign ?? '')), at })
  }
  return [...tokens, { type: 'end', text: 'the end', at: end }]
}

function factorial(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 170)
    throw new RangeError(`${value}! cannot be calculated`)
  let product = 1
  for (let factor = 2; factor <= value; factor += 1) product *= factor
  return product
}

/**
 * The value of an arithmetic expression: `+ - * / % ^ !`, parentheses, functions and constants, with the usual
 * precedence. Nothing is executed: the text is parsed.
 *
 * @throws {SyntaxError} when the text is no expression
 * @throws {RangeError} when it has no finite value
 */
export function calculate(text: string): number {
  if (text.length > LONGEST) throw new RangeError(`the expression has more than ${LONGEST} characters`)
  const tokens = tokensOf(text)
  let position = 0
  let depth = 0
  const peek = (): Token => tokens[position] as Token
  const take = (): Token => tokens[position++] as Token
  const isNext = (...signs: string[]): boolean => peek().type === 'sign' && signs.includes(peek().text)

  function expect(sign: string): void {
    if (!isNext(sign)) throw new SyntaxError(`"${sign}" is missing at ${peek().at}, before ${peek().text}`)
    take()
  }

  function deeper<Value>(parse: () => Value): Value {
    depth += 1
    if (depth > DEEPEST) throw new RangeError('the expression is nested too deeply')
    const value = parse()
    depth -= 1
    return value
  }

  function sum(): number {
    let value = product()
    while (isNext('+', '-')) value = take().text === '+' ? value + product() : value - product()
    return value
  }

  function product(): number {
    let value = signed()
    while (isNext('*', '/', '%')) {
      const { text: sign } = take()
      const right = signed()
      if (sign === '*') value *= right
      else value = sign === '/' ? value / right : value % right
    }
    return value
  }

  function signed(): number {
    if (isNext('-', '+')) {
      const { text: sign } = take()
      return deeper(() => (sign === '-' ? -signed() : signed()))
    }
    return power()
  }

  function power(): number {
    const base = postfix()
    if (!isNext('^')) return base
    take()
    return deeper(() => base ** signed())
  }

  function postfix(): number {
    let value = atom()
    while (isNext('!')) {
      take()
      value = factorial(value)
    }
    return value
  }

  function atom(): number {
    const token = take()
    if (token.type === 'number') return Number(token.text)
    if (token.type === 'name') return named(token)
    if (token.text !== '(') throw new SyntaxError(`a number is missing at ${token.at}, before ${token.text}`)
    const value = deeper(sum)
    expect(')')
    return value
  }

  function named({ text: name, at }: Token): number {
    const key = name.toLowerCase()
    if (!isNext('(')) {
      if (Object.hasOwn(CONSTANTS, key)) return CONSTANTS[key] ?? 0
      throw new SyntaxError(
        `"${name}" at ${at} is no constant; there are ${Object.keys(CONSTANTS).join(', ')}`,
      )
    }
    if (!Object.hasOwn(FUNCTIONS, key)) {
      throw new SyntaxError(
        `"${name}" at ${at} is no function; there are ${Object.keys(FUNCTIONS).join(', ')}`,
      )
    }
    take()
    const values = [deeper(sum)]
    while (isNext(',')) {
      take()
      values.push(deeper(sum))
    }
    expect(')')
    return FUNCTIONS[key]?.(...values) ?? 0
  }

  const value = sum()
  if (peek().type !== 'end') throw new SyntaxError(`"${peek().text}" at ${peek().at} is one too many`)
  if (!Number.isFinite(value)) throw new RangeError('the expression has no finite value')
  return value
}

/**
 * A tool that calculates, by a parser of its own.
 *
 * @example createReactAgent({ llm, tools: [calculator()] })
 */
export function calculator(): Tool<{ expression: string }> {
  return tool(({ expression }: { expression: string }) => String(calculate(expression)), {
    name: 'calculator',
    description:
      'Calculates an arithmetic expression exactly as written, e.g. "25 * 4 + 10" or "sqrt(2) ^ 3". Knows + - * / % ^ !, ' +
      'parentheses, pi, e, and the usual functions.',
    schema: {
      type: 'object',
      properties: { expression: { type: 'string', description: 'The expression.' } },
      required: ['expression'],
      additionalProperties: false,
    },
  })
}
