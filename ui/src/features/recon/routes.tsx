import { BlockOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/recon',
    title: 'recon.title',
    nav: 'recon.nav',
    page: lazy(() => import('./components/ReconPage')),
    group: 'recon',
    icon: BlockOutlined,
    letter: 'w',
    needs: 'view_bills',
    badge: { of: 'differences_open', family: 'br' },
  },
]
