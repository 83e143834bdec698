/**
 * The palette's `=`: a small sum of money, exact. Numbers are fractions of whole numbers, so nothing is
 * ever rounded; a result that is no whole fen is refused and says what it would be.
 */

export type SumFault =
  | { fault: 'empty' | 'unfinished' | 'exponent' | 'zero' | 'too_large' }
  | { fault: 'shape' | 'grouped'; at: string }
  | { fault: 'not_whole'; exact: string }
export type SumResult = { ok: true; minor: number } | ({ ok: false } & SumFault)

/** A fraction in lowest terms would be nicer to read; this one only has to be right. */
type Fraction = { n: bigint; d: bigint }

class Refused extends Error {
  readonly why: SumFault
  constructor(why: SumFault) {
    super(why.fault)
    this.why = why
  }
}

const lengthMax = 200
const digitsMax = 24

function divisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a < 0n ? 0n - a : a
}

function reduced({ n, d }: Fraction): Fraction {
  const by = divisor(n, d) * (d < 0n ? -1n : 1n)
  return { n: n / by, d: d / by }
}

/** The next number: digits, well-placed thousands separators, a point, a percent sign. */
function readNumber(text: string): { value: Fraction; length: number } {
  const [whole = ''] = /^[\d.,]+/.exec(text) ?? []
  if (/^[eE][+-]?\d/.test(text.slice(whole.length))) throw new Refused({ fault: 'exponent' })
  if (whole.includes(',') && !/^\d{1,3}(,\d{3})+(\.\d*)?$/.test(whole)) throw new Refused({ fault: 'grouped', at: whole })
  const match = /^(\d+)(?:\.(\d*))?$|^\.(\d+)$/.exec(whole.replaceAll(',', ''))
  if (match === null) throw new Refused({ fault: 'shape', at: whole })
  const decimals = match[2] ?? match[3] ?? ''
  const digits = `${match[1] ?? '0'}${decimals}`
  if (digits.length > digitsMax) throw new Refused({ fault: 'too_large' })
  const percent = text[whole.length] === '%'
  const d = 10n ** BigInt(decimals.length + (percent ? 2 : 0))
  return { value: { n: BigInt(digits), d }, length: whole.length + (percent ? 1 : 0) }
}

/** A fraction as a decimal of at most six places, for the refusal. */
function decimal({ n, d }: Fraction): string {
  const sign = n < 0n ? '\u2212' : ''
  const scaled = (n < 0n ? 0n - n : n) * 1_000_000n
  const text = (scaled / d).toString().padStart(7, '0')
  const places = text.slice(-6).replace(/0+$/, '')
  return `${sign}${text.slice(0, -6)}.${places}${scaled % d === 0n ? '' : '\u2026'}`
}

/** Works out `1280.00+36.5*2`. CNY: the result is in fen, within what an amount can hold. */
export function workOut(source: string): SumResult {
  const text = source
    .normalize('NFKC')
    .replace(/[\s\u00a5\u5143]/g, '')
    .replace(/[\u00d7xX]/g, '*')
    .replaceAll('\u00f7', '/')
    .replace(/[\u2212\u2013]/g, '-')
    .slice(0, lengthMax)
  let at = 0

  const factor = (): Fraction => {
    const sign = text[at]
    if (sign === undefined) throw new Refused({ fault: 'unfinished' })
    if (sign === '-' || sign === '+') {
      at += 1
      const { n, d } = factor()
      return { n: sign === '-' ? 0n - n : n, d }
    }
    if (sign === '(') {
      at += 1
      const inner = sum()
      if (text[at] === undefined) throw new Refused({ fault: 'unfinished' })
      if (text[at] !== ')') throw new Refused({ fault: 'shape', at: text.slice(at, at + 6) })
      at += 1
      return inner
    }
    if (!/[\d.]/.test(sign)) throw new Refused({ fault: 'shape', at: text.slice(at, at + 6) })
    const { value, length } = readNumber(text.slice(at))
    at += length
    return value
  }

  const product = (): Fraction => {
    let left = factor()
    while (text[at] === '*' || text[at] === '/') {
      const divides = text[at] === '/'
      at += 1
      const right = factor()
      if (divides && right.n === 0n) throw new Refused({ fault: 'zero' })
      left = reduced(divides ? { n: left.n * right.d, d: left.d * right.n } : { n: left.n * right.n, d: left.d * right.d })
      if (left.n.toString().length > 60) throw new Refused({ fault: 'too_large' })
    }
    return left
  }

  const sum = (): Fraction => {
    let left = product()
    while (text[at] === '+' || text[at] === '-') {
      const minus = text[at] === '-'
      at += 1
      const right = product()
      const added = right.n * left.d
      left = reduced({ n: left.n * right.d + (minus ? 0n - added : added), d: left.d * right.d })
    }
    return left
  }

  try {
    if (text === '') throw new Refused({ fault: 'empty' })
    const result = sum()
    if (at < text.length) throw new Refused({ fault: 'shape', at: text.slice(at, at + 6) })
    const fen = reduced({ n: result.n * 100n, d: result.d })
    if (fen.n > BigInt(Number.MAX_SAFE_INTEGER) || fen.n < BigInt(Number.MIN_SAFE_INTEGER)) throw new Refused({ fault: 'too_large' })
    if (fen.d !== 1n) throw new Refused({ fault: 'not_whole', exact: decimal(result) })
    return { ok: true, minor: Number(fen.n) }
  } catch (cause) {
    if (cause instanceof Refused) return { ok: false, ...cause.why }
    throw cause
  }
}
