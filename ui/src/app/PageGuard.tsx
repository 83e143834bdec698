import { Component, type ReactNode } from 'react'
import { ErrorPanel } from '../components/states'
import { ApiError } from '../platform'

/** Keeps a fault of one page on that page: the frame, and the way out, stay. */
export class PageGuard extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (error === null) return this.props.children
    const shown =
      error instanceof ApiError
        ? error
        : new ApiError({ code: 'ui.page_failed', retry: 'later', params: { detail: error.message }, message: '', remedy: '' })
    return (
      <div className="zf-page">
        <ErrorPanel error={shown} onRetry={() => this.setState({ error: null })} testid="page-error" />
      </div>
    )
  }
}
