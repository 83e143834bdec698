import { ApiOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/channels',
    title: 'channels.title',
    nav: 'channels.nav',
    page: lazy(() => import('./components/ChannelsPage')),
    group: 'channels',
    icon: ApiOutlined,
    letter: 'h',
    needs: 'view_orders',
  },
]
