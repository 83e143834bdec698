import { QuestionCircleOutlined } from '@ant-design/icons'
import { Popover } from 'antd'
import { type ReactNode, useState } from 'react'
import type { DifferenceCode } from '../generated/types'
import { useLanguage, useT } from '../i18n'
import { familyWords, statusEntry, type StatusKind, type StatusOf } from '../status/dictionary'
import { codeExplanations, explanations, riskWords, type CodeExplanation, type Explanation } from '../status/explanations'
import { StatusIcon, StatusTag } from '../status/StatusTag'
import type { Family } from '../theme/tokens'

const riskFamily = { none: 'ok', moving: 'ru', check: 'at', risk: 'br' } as const satisfies Record<Explanation['risk'], Family>

function isCode(about: Explanation | CodeExplanation): about is CodeExplanation {
  return 'channel' in about
}

type BodyProps = { about: Explanation | CodeExplanation; head: ReactNode; family?: Family }

function Body({ about, head, family }: BodyProps) {
  const t = useT()
  const lang = useLanguage()
  const at = lang === 'zh' ? 0 : 1
  return (
    <div className="zf-explain" data-testid="explanation">
      <div className="zf-row">
        <b>{head}</b> {family === undefined ? null : <span className="zf-t3">{familyWords[family][at]}</span>}
      </div>
      <p>{about.means[at]}</p>
      {isCode(about) ? (
        <dl>
          <dt>{t('explain.channel')}</dt>
          <dd>{about.channel[at]}</dd>
          <dt>{t('explain.ours')}</dt>
          <dd>{about.ours[at]}</dd>
        </dl>
      ) : null}
      <p className="zf-row">
        <StatusIcon family={riskFamily[about.risk]} /> {riskWords[about.risk][at]}
      </p>
      <p>
        <span className="zf-t3">{t('explain.next')}</span> {about.next[at]}
      </p>
    </div>
  )
}

function Ask({ about, name, head, family }: BodyProps & { name: string }) {
  const t = useT()
  const [open, setOpen] = useState(false)
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" content={<Body about={about} head={head} family={family} />} destroyOnHidden>
      <button
        type="button"
        className="zf-ask"
        aria-expanded={open}
        aria-label={t('explain.of', { name })}
        title={t('explain.of', { name })}
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !open) return
          // Only the explanation closes, not the pane below it.
          event.preventDefault()
          setOpen(false)
        }}
        data-testid="explain"
      >
        <QuestionCircleOutlined aria-hidden />
      </button>
    </Popover>
  )
}

/** A question mark that opens what a difference code means: on each side, whether money is at risk, what to do. */
export function ExplainCode({ code }: { code: DifferenceCode }) {
  const t = useT()
  const name = t(`difference.${code}`)
  return <Ask about={codeExplanations[code]} name={name} head={name} />
}

/** A question mark that opens what a status means. A status the dictionary lacks has none. */
export function ExplainStatus<Kind extends StatusKind>({ kind, status, n }: { kind: Kind; status: StatusOf<Kind> | (string & {}); n?: number }) {
  const t = useT()
  const group: Record<string, Explanation> = explanations[kind]
  const about = group[status]
  if (about === undefined) return null
  return <Ask about={about} name={t('explain.status')} head={<StatusTag kind={kind} status={status} n={n} />} family={statusEntry(kind, status).family} />
}

type TagProps<Kind extends StatusKind> = { kind: Kind; status: StatusOf<Kind> | (string & {}); n?: number; suffix?: ReactNode }

/** The status of a detail's head: filled, with its explanation. */
export function ExplainedStatus<Kind extends StatusKind>({ kind, status, n, suffix }: TagProps<Kind>) {
  return (
    <span className="zf-row zf-nowrap zf-explained">
      <StatusTag kind={kind} status={status} n={n} place="header" suffix={suffix} />
      <ExplainStatus kind={kind} status={status} n={n} />
    </span>
  )
}
