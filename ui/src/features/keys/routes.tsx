import { KeyOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/keys',
    title: 'certs.title',
    nav: 'certs.nav',
    page: lazy(() => import('./components/KeysPage')),
    group: 'channels',
    icon: KeyOutlined,
    letter: 'k',
    needs: 'view_orders',
    badge: { of: 'keys_due', family: 'at' },
  },
]
