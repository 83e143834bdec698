import { UserAddOutlined } from '@ant-design/icons'
import { Button, Form, Input, Select } from 'antd'
import { useState } from 'react'
import { usePerson } from '../../../api/status'
import { Overlay } from '../../../components/Overlay'
import { Avatar, Card, Time } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { timeText } from '../../../format'
import type { NewUser, Role, UserView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useAddUser, useDisableUser, useEnableUser, useResetPassword, useSetRole, useUsers } from '../api'

const roles: readonly Role[] = ['clerk', 'approver', 'auditor', 'administrator']

/** The people of this desk, for the administrator. */
export function PeopleCard() {
  const t = useT()
  const toasts = useToasts()
  const me = usePerson()
  const users = useUsers(true)
  const add = useAddUser()
  const disable = useDisableUser()
  const enable = useEnableUser()
  const setRole = useSetRole()
  const [roleOf, setRoleOf] = useState<UserView | null>(null)
  const [role, setChosenRole] = useState<Role>('clerk')
  const reset = useResetPassword()
  const [adding, setAdding] = useState(false)
  const [disabling, setDisabling] = useState<UserView | null>(null)
  const [resetting, setResetting] = useState<UserView | null>(null)
  const required = [{ required: true, message: '' }]
  const state = (user: UserView) =>
    user.disabled
      ? t('settings.state.disabled')
      : user.locked_until !== null
        ? t('settings.state.locked', { time: timeText(user.locked_until, 'clock') })
        : t('settings.state.active')
  return (
    <Card
      flush
      className="zf-fixed"
      testid="people"
      title={t('settings.people')}
      note={t('settings.people_note')}
      extra={
        <Button size="small" icon={<UserAddOutlined />} onClick={() => setAdding(true)} data-testid="user-add">
          {t('settings.add')}
        </Button>
      }
    >
      {users.error !== null ? <ErrorPanel error={users.error} onRetry={() => void users.refetch()} /> : null}
      {users.data === undefined ? (
        <Skeleton rows={4} />
      ) : (
        <table className="zf-table">
          <thead>
            <tr>
              <th>{t('settings.col.name')}</th>
              <th>{t('settings.col.login')}</th>
              <th>{t('settings.col.role')}</th>
              <th>{t('settings.col.since')}</th>
              <th>{t('settings.col.last')}</th>
              <th>{t('settings.col.state')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {users.data.users.map((user) => (
              <tr key={user.user_id} data-testid={`user-${user.login}`} className={user.disabled ? 'zf-t3' : undefined}>
                <td>
                  <span className="zf-row">
                    <Avatar name={user.display_name} size={20} /> {user.display_name}
                  </span>
                </td>
                <td className="zf-mono">{user.login}</td>
                <td>{t(`role.${user.role}`)}</td>
                <td>
                  <Time at={user.created_at} as="date" />
                </td>
                <td>{user.last_sign_in === null ? <span className="zf-t3">{t('settings.never')}</span> : <Time at={user.last_sign_in} as="short" />}</td>
                <td className={user.locked_until !== null && !user.disabled ? 'zf-c-at' : ''}>{state(user)}</td>
                <td>
                  {user.disabled ? (
                    <span className="zf-row zf-end zf-nowrap">
                      <Button
                        size="small"
                        loading={enable.isPending}
                        onClick={() =>
                          enable.mutate(
                            { user_id: user.user_id },
                            {
                              onSuccess: () =>
                                toasts.show({
                                  text: t('settings.enabled', { name: user.display_name }),
                                  undo: () => disable.mutateAsync({ user_id: user.user_id }),
                                }),
                            },
                          )
                        }
                        data-testid="user-enable"
                      >
                        {t('settings.enable')}
                      </Button>
                    </span>
                  ) : (
                    <span className="zf-row zf-end zf-nowrap">
                      <Button
                        size="small"
                        disabled={user.user_id === me.user_id}
                        onClick={() => {
                          setChosenRole(user.role)
                          setRoleOf(user)
                        }}
                        data-testid="user-role"
                      >
                        {t('settings.role_change')}…
                      </Button>
                      <Button size="small" onClick={() => setResetting(user)} data-testid="user-reset">
                        {t('settings.reset')}
                      </Button>
                      <Button size="small" danger disabled={user.user_id === me.user_id} onClick={() => setDisabling(user)} data-testid="user-disable">
                        {t('settings.disable')}…
                      </Button>
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Overlay open={adding} onClose={() => setAdding(false)} title={t('settings.add')} width={420}>
        <Form<NewUser>
          layout="vertical"
          onFinish={(values) =>
            add.mutate(values, {
              onSuccess: () => {
                toasts.show({ text: t('settings.added', { name: values.display_name }) })
                setAdding(false)
              },
            })
          }
        >
          <Form.Item name="display_name" label={t('setup.display_name')} rules={required}>
            <Input autoFocus data-testid="new-user-name" />
          </Form.Item>
          <Form.Item name="login" label={t('setup.login')} rules={required}>
            <Input autoComplete="off" data-testid="new-user-login" />
          </Form.Item>
          <Form.Item name="role" label={t('settings.col.role')} rules={required}>
            <Select options={roles.map((role) => ({ value: role, label: t(`role.${role}`) }))} data-testid="new-user-role" />
          </Form.Item>
          <Form.Item name="password" label={t('setup.password')} extra={t('setup.password_note')} rules={required}>
            <Input.Password autoComplete="new-password" data-testid="new-user-password" />
          </Form.Item>
          {add.error === null ? null : <ErrorPanel error={add.error} />}
          <div className="zf-row zf-end">
            <Button onClick={() => setAdding(false)}>{t('common.cancel')}</Button>
            <Button type="primary" htmlType="submit" loading={add.isPending} data-testid="new-user-submit">
              {t('settings.add_submit')}
            </Button>
          </div>
        </Form>
      </Overlay>
      <Overlay open={disabling !== null} onClose={() => setDisabling(null)} title={t('settings.disable_title', { name: disabling?.display_name ?? '' })} width={420}>
        <div className="zf-stack">
          <p>{t('settings.disable_note')}</p>
          {disable.error === null ? null : <ErrorPanel error={disable.error} />}
          <div className="zf-row zf-end">
            <Button onClick={() => setDisabling(null)}>{t('common.cancel')}</Button>
            <Button
              danger
              loading={disable.isPending}
              onClick={() => {
                if (disabling === null) return
                disable.mutate(
                  { user_id: disabling.user_id },
                  {
                    onSuccess: () => {
                      toasts.show({
                        text: t('settings.disabled', { name: disabling.display_name }),
                        undo: () => enable.mutateAsync({ user_id: disabling.user_id }),
                      })
                      setDisabling(null)
                    },
                  },
                )
              }}
              data-testid="user-disable-confirm"
            >
              {t('settings.disable_title', { name: disabling?.display_name ?? '' })}
            </Button>
          </div>
        </div>
      </Overlay>
      <Overlay open={roleOf !== null} onClose={() => setRoleOf(null)} title={t('settings.role_title', { name: roleOf?.display_name ?? '' })} width={420}>
        <div className="zf-stack">
          <p className="zf-t2">{t('settings.role_note')}</p>
          <Select<Role>
            aria-label={t('settings.col.role')}
            value={role}
            onChange={setChosenRole}
            options={roles.map((r) => ({ value: r, label: t(`role.${r}`) }))}
            data-testid="role-choice"
          />
          {setRole.error === null ? null : <ErrorPanel error={setRole.error} />}
          <div className="zf-row zf-end">
            <Button onClick={() => setRoleOf(null)}>{t('common.cancel')}</Button>
            <Button
              type="primary"
              disabled={role === roleOf?.role}
              loading={setRole.isPending}
              onClick={() => {
                if (roleOf === null) return
                const former = roleOf.role
                setRole.mutate(
                  { user_id: roleOf.user_id, role },
                  {
                    onSuccess: () => {
                      toasts.show({
                        text: t('settings.role_done', { name: roleOf.display_name, role: t(`role.${role}`) }),
                        undo: () => setRole.mutateAsync({ user_id: roleOf.user_id, role: former }),
                      })
                      setRoleOf(null)
                    },
                  },
                )
              }}
              data-testid="role-save"
            >
              {t('settings.role_save', { role: t(`role.${role}`) })}
            </Button>
          </div>
        </div>
      </Overlay>
      <Overlay open={resetting !== null} onClose={() => setResetting(null)} title={t('settings.reset_title', { name: resetting?.display_name ?? '' })} width={420}>
        <Form
          layout="vertical"
          onFinish={(values: { new_password: string }) => {
            if (resetting === null) return
            reset.mutate(
              { user_id: resetting.user_id, new_password: values.new_password },
              {
                onSuccess: () => {
                  toasts.show({ text: t('settings.reset_done', { name: resetting.display_name }) })
                  setResetting(null)
                },
              },
            )
          }}
        >
          <p className="zf-t2">{t('settings.reset_note')}</p>
          <Form.Item name="new_password" label={t('frame.new_password')} extra={t('setup.password_note')} rules={required}>
            <Input.Password autoComplete="new-password" autoFocus />
          </Form.Item>
          {reset.error === null ? null : <ErrorPanel error={reset.error} />}
          <div className="zf-row zf-end">
            <Button onClick={() => setResetting(null)}>{t('common.cancel')}</Button>
            <Button type="primary" htmlType="submit" loading={reset.isPending}>
              {t('settings.reset')}
            </Button>
          </div>
        </Form>
      </Overlay>
    </Card>
  )
}
