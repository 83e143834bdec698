import { usePerson, noteTask, type Task } from '../api/status'
import { useWrite } from '../api/query'
import { hasMessage, tDynamic, useT } from '../i18n'
import { ErrorPanel, LongWork } from './states'

/** A message made from a code of the core, or nothing when the catalogue has none. */
function worded(key: string): string {
  return hasMessage(key) ? tDynamic(key, {}) : ''
}

/** What a piece of work is called: its kind and what it works on. */
export function taskName(task: Task): string {
  return [worded(`task.${task.kind}`), task.subject].filter((part) => part !== '').join(' ')
}

/** Kind, object and present step. */
export function taskLabel(task: Task): string {
  return [taskName(task), worded(`task_step.${task.label}`)].filter((part) => part !== '').join(' \u00b7 ')
}

type Props = {
  task: Task
  /** Instead of the work's own name. */
  label?: string
}

/** A piece of work of the core with its pause, resume and cancel; only for who may stop it. */
export function TaskProgress({ task, label }: Props) {
  const t = useT()
  const person = usePerson()
  const pause = useWrite('tasks.pause')
  const resume = useWrite('tasks.resume')
  const cancel = useWrite('tasks.cancel')
  const mine = task.owner_id === person.user_id || person.role === 'administrator'
  const ask = (write: typeof pause) => () => write.mutate({ task_id: task.task_id }, { onSuccess: noteTask })
  const error = pause.error ?? resume.error ?? cancel.error
  const leaves = worded(`task_leaves.${task.kind}`)
  return (
    <>
      <LongWork
        label={label ?? taskLabel(task)}
        done={task.done}
        total={task.total}
        unit={worded(`task_unit.${task.kind}`)}
        workedMillis={task.worked_millis}
        paused={task.state === 'paused'}
        stopping={task.stopping || cancel.isPending}
        leaves={!task.can_cancel && !task.can_pause ? undefined : mine ? leaves : t('tasks.not_yours', { person: task.started_by })}
        onPause={mine && task.can_pause ? (paused) => ask(paused ? pause : resume)() : undefined}
        onCancel={mine && task.can_cancel ? ask(cancel) : undefined}
      />
      {error === null || task.finished ? null : <ErrorPanel error={error} testid="task-error" />}
    </>
  )
}
