import { RollbackOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/refunds',
    title: 'refunds.title',
    page: lazy(() => import('./components/RefundsPage')),
    group: 'trade',
    icon: RollbackOutlined,
    letter: 'r',
    needs: 'view_orders',
    badge: { of: 'refunds_unknown', family: 'un' },
  },
]
