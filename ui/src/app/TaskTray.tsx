import { Popover } from 'antd'
import { useState } from 'react'
import { TaskFollower, useLive } from '../api/status'
import { TaskProgress, taskLabel, taskName } from '../components/TaskProgress'
import { Time } from '../components/small'
import { StatusIcon } from '../status/StatusTag'
import { useT } from '../i18n'

const families = { running: 'ru', paused: 'wa', cancelled: 'vo', done: 'ok', failed: 'br' } as const

/** The work under way, in the status bar; opened, all of it with pause and cancel, and what ended last. */
export function TaskTray() {
  const t = useT()
  const { tasks, ended } = useLive()
  const [open, setOpen] = useState(false)
  const task = tasks[0]
  return (
    <>
      <TaskFollower />
      {task === undefined && ended.length === 0 ? null : (
        <Popover
          open={open}
          onOpenChange={setOpen}
          trigger="click"
          placement="topLeft"
          title={t('tasks.title')}
          content={
            <div className="zf-tasktray" data-testid="task-tray">
              {tasks.length === 0 ? <p className="zf-t2">{t('tasks.none')}</p> : tasks.map((one) => <TaskProgress key={one.task_id} task={one} />)}
              {ended.length === 0 ? null : (
                <section>
                  <h3 className="zf-t3">{t('tasks.ended')}</h3>
                  <ul>
                    {ended.map((one) => (
                      <li key={one.task_id} data-testid="task-ended" data-state={one.state}>
                        <StatusIcon family={families[one.state]} />
                        <span className="zf-cut">{taskName(one)}</span>
                        <span className="zf-t3">{t(`tasks.state.${one.state}`)}</span>
                        <Time at={one.ended_at} as="clock" />
                      </li>
                    ))}
                  </ul>
                </section>
              )}
            </div>
          }
        >
          <button type="button" className="zf-linkbtn zf-statusbar-task" data-testid="task" aria-expanded={open}>
            {task === undefined ? (
              t('tasks.title')
            ) : (
              <>
                <span className="zf-cut" title={taskLabel(task)}>
                  {t('frame.task', { label: taskLabel(task) })}
                </span>
                <span className="zf-statusbar-bar" aria-hidden>
                  <span style={{ transform: `scaleX(${task.total === null || task.total === 0 ? 0.3 : task.done / task.total})` }} />
                </span>
                {tasks.length > 1 ? <span className="zf-t3">{t('tasks.more', { n: tasks.length - 1 })}</span> : null}
              </>
            )}
          </button>
        </Popover>
      )}
    </>
  )
}
