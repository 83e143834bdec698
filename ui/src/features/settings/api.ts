/** What the settings ask of the core. */
import { useRead, useWrite } from '../../api/query'

export const useUsers = (enabled: boolean) => useRead('users.list', enabled ? {} : null)
export const useAddUser = () => useWrite('users.add')
export const useDisableUser = () => useWrite('users.disable')
export const useResetPassword = () => useWrite('users.reset_password')
