import { SlidersOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/rules',
    title: 'rr.title',
    nav: 'rr.nav',
    page: lazy(() => import('./components/RulesPage')),
    group: 'recon',
    icon: SlidersOutlined,
    letter: 'y',
    needs: 'view_bills',
  },
]
