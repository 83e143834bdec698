/** What the access review asks of the core. */
import { useRead } from '../../api/query'

export const useAccessReview = () => useRead('access.review', {})
