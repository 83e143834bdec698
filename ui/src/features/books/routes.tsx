import { TableOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/books',
    title: 'books.title',
    nav: 'books.nav',
    page: lazy(() => import('./components/BooksPage')),
    group: 'recon',
    icon: TableOutlined,
    letter: 'm',
    needs: 'view_bills',
  },
]
