import { ScanOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/xray',
    title: 'xray.title',
    nav: 'xray.nav',
    page: lazy(() => import('./components/XrayPage')),
    group: 'channels',
    icon: ScanOutlined,
    letter: 'x',
    needs: 'view_orders',
  },
]
