import { AuditOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/approvals',
    title: 'approvals.title',
    page: lazy(() => import('./components/ApprovalsPage')),
    group: 'trade',
    icon: AuditOutlined,
    letter: 'a',
    needs: 'view_orders',
    badge: { of: 'approvals_waiting', family: 'at' },
  },
]
