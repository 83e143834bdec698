/** What the page of reconciliation rules asks of the core. */
import { useRead, useReadPages, useWrite } from '../../api/query'
import type { RuleBody } from '../../generated/types'
import { call } from '../../platform'

export const useRuleSets = () => useRead('recon.rules', {})
export const usePeople = () => useRead('users.people', {})
export const usePropose = () => useWrite('recon.propose_rules')
export const useDecide = () => useWrite('recon.decide_rules')
export const useWithdraw = () => useWrite('recon.withdraw_rules')
export const useExportRules = () => useWrite('recon.export_rules')
export const useBackTest = () => useWrite('recon.back_test')
export const useExportBackTest = () => useWrite('recon.export_back_test')

/** Differences a trial hides or raises. */
export const useItems = (id: string) => useReadPages('recon.back_test_items', { back_test_id: id, limit: 200 }, (page) => page.rows)

/** A rule file for the editor; the core reads and checks it. */
export const readRules = (token: string) => call<RuleBody>('recon.read_rules', { file_token: token })
