import { describe, expect, it } from 'vitest'
import { workOut } from './sum'

describe('the palette’s sum', () => {
  it.each([
    ['1280.00+36.5*2', 135300],
    ['0.1+0.2', 30],
    ['1,680.00 - 400', 128000],
    ['\u00a51,280.00\u00d70.6%', 768],
    ['(100+0.5)/2', 5025],
    ['100/3*3', 10000],
    ['-5+2', -300],
    ['\uff11\uff12\uff0b\uff13', 1500],
    ['.5', 50],
    ['90071992547409.91', 9007199254740991],
  ])('%s', (text, minor) => expect(workOut(text)).toEqual({ ok: true, minor }))

  it.each([
    ['', { fault: 'empty' }],
    ['1+', { fault: 'unfinished' }],
    ['(1+2', { fault: 'unfinished' }],
    ['1e3', { fault: 'exponent' }],
    ['1,28', { fault: 'grouped', at: '1,28' }],
    ['1.2.3', { fault: 'shape', at: '1.2.3' }],
    ['12 abc', { fault: 'shape', at: 'abc' }],
    ['1/0', { fault: 'zero' }],
    ['10/3', { fault: 'not_whole', exact: '3.333333\u2026' }],
    ['0.005', { fault: 'not_whole', exact: '0.005' }],
    ['90071992547409.92', { fault: 'too_large' }],
    ['9'.repeat(30), { fault: 'too_large' }],
  ])('refuses %s with a reason', (text, fault) => expect(workOut(text)).toEqual({ ok: false, ...fault }))
})
