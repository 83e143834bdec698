/** What the settings ask of the core. */
import { useRead, useWrite } from '../../api/query'

export const useUsers = (enabled: boolean) => useRead('users.list', enabled ? {} : null)
export const useAddUser = () => useWrite('users.add')
export const useDisableUser = () => useWrite('users.disable')
export const useResetPassword = () => useWrite('users.reset_password')
export const useEnableUser = () => useWrite('users.enable')
export const useSetRole = () => useWrite('users.set_role')
export const useRules = () => useRead('settings.rules', {})
export const useSetRules = () => useWrite('settings.set_rules')
export const useSchedule = () => useRead('settings.schedule', {})
export const useSetSchedule = () => useWrite('settings.set_schedule')
export const useThreeWay = () => useRead('settings.three_way', {})
export const useSetThreeWay = () => useWrite('settings.set_three_way')
export const useChangePassword = () => useWrite('session.change_password')
