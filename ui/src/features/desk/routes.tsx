import { AppstoreOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/',
    title: 'desk.title',
    page: lazy(() => import('./components/DeskPage')),
    group: 'top',
    icon: AppstoreOutlined,
    letter: 'd',
    needs: 'view_bills',
  },
]
