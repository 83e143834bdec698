import { LockOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/close',
    title: 'close.title',
    page: lazy(() => import('./components/ClosePage')),
    group: 'recon',
    icon: LockOutlined,
    letter: 'c',
    needs: 'view_bills',
  },
]
