import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { setLanguage } from '../../i18n'
import { ApiError } from '../../platform'
import { compared } from '../../test/days'
import { openDoor, show } from '../../test/door'
import { FirstRunPage } from './FirstRunPage'

beforeEach(() => setLanguage('zh'))

async function choose() {
  await userEvent.click(screen.getByTestId('compare-bill'))
  await userEvent.click(screen.getByTestId('compare-books'))
  await waitFor(() => expect((screen.getByTestId('compare-run') as HTMLButtonElement).disabled).toBe(false))
  await userEvent.click(screen.getByTestId('compare-run'))
}

describe('two files only', () => {
  it('shows the waterfall of each currency, every kind of difference, each fault by file, line and field, and goes back', async () => {
    openDoor({ 'recon.compare_files': () => compared })
    show(<FirstRunPage />)
    await choose()
    const result = await screen.findByTestId('compare-result')
    expect(result.querySelectorAll('svg[role="img"]').length).toBe(2)
    expect(result.textContent).toContain('2 行读不出，不在任何合计里')
    expect(result.textContent).toContain('books.csv · 第 3 行 · amount · “1,234”')
    expect(result.textContent).toContain('books.csv · 第 7 行 · status · “MAYBE”')
    expect(screen.getByTestId('compare-save')).toBeTruthy()
    await userEvent.click(screen.getByTestId('compare-back'))
    expect(screen.getByTestId('setup-demo')).toBeTruthy()
  })

  it('names file, line and remedy of a file that is refused', async () => {
    openDoor({
      'recon.compare_files': () => {
        throw new ApiError({
          code: 'file.refused',
          retry: 'after_fix',
          params: { name: 'books.csv', line: '1', column: '「kind」', problem: '表头缺列 / the header lacks a column', remedy: '请改正表头 / Correct the header' },
          message: '',
          remedy: '',
        })
      },
    })
    show(<FirstRunPage />)
    await choose()
    const error = await screen.findByTestId('error')
    expect(error.textContent).toContain('文件 books.csv 第 1 行「kind」：表头缺列')
    expect(error.textContent).toContain('文件内容 · 两份文件都没有改动')
    expect(error.textContent).toContain('请改正表头')
  })
})
