/** What the day close asks of the core. */
import { useRead, useWrite } from '../../api/query'
import type { CloseReportAsk } from '../../generated/types'

export const useBoard = (date: string) => useRead('close.board', { date }, { keep: true })
export const useSignMaker = () => useWrite('close.sign_maker')
export const useSignChecker = () => useWrite('close.sign_checker')
/** What the report of a day will say; `null` waits. */
export const useReportPreview = (asked: CloseReportAsk | null) => useRead('close.preview', asked)
export const useWriteReport = () => useWrite('close.report')
export const useExportClose = () => useWrite('close.export')
export const useReturn = () => useWrite('close.return_to_maker')
export const useAskReopening = () => useWrite('close.ask_reopening')
export const useReopen = () => useWrite('close.reopen')
export const useKeepClosed = () => useWrite('close.keep_closed')
export const usePeople = () => useRead('users.people', {})
