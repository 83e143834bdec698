import { Button } from 'antd'
import { useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { Money } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { ErrorPanel } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import { count, moneyText, timeText } from '../../../format'
import type { FlowDay } from '../../../generated/types'
import { useT } from '../../../i18n'
import { FamilyTag } from '../../../status/StatusTag'
import { useTie } from '../api'
import { BankFiles } from './BankFiles'
import { FlowFindings } from './FlowFindings'
import { Withdrawals } from './Withdrawals'

type Part = 'flow' | 'bank' | 'files'

/** The other two legs of a day: trade bill and fund flow, fund flow and bank. */
export function FlowPanel({ flow, open, onClose }: { flow: FlowDay; open: boolean; onClose: () => void }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const may = useMay('run_reconciliation')
  const tie = useTie()
  const [part, setPart] = useState<Part>('flow')
  const canTie = flow.state !== 'trade_missing' && flow.state !== 'flow_missing' && !flow.locked
  const openBank = flow.withdrawals.length - flow.at_bank
  return (
    <Overlay open={open} onClose={onClose} title={t('flow.title', { date: flow.date })} width={980} testid="flow-panel">
      <div className="zf-stack">
        <div className="zf-between">
          <Tabs<Part>
            label={t('flow.open')}
            value={part}
            onChange={setPart}
            items={[
              { key: 'flow', label: t('flow.tab.flow'), n: flow.findings_open === 0 ? null : flow.findings_open },
              { key: 'bank', label: t('flow.tab.bank'), n: openBank === 0 ? null : openBank },
              { key: 'files', label: t('flow.tab.files'), n: flow.statements },
            ]}
          />
          <span className="zf-row zf-nowrap">
            <FamilyTag family={flow.state === 'tied' ? 'ok' : 'at'}>{t(`flow.state.${flow.state}`)}</FamilyTag>
            {canTie ? (
              <Button
                size="small"
                disabled={!may || !ready}
                title={may ? undefined : t('recon.cannot_run')}
                loading={tie.isPending}
                onClick={() => tie.mutate({ account_id: flow.account_id, date: flow.date }, { onSuccess: () => toasts.show({ text: t('flow.retied', { date: flow.date }) }) })}
                data-testid="flow-tie"
              >
                {t(flow.tied_at === null ? 'flow.tie' : 'flow.retie')}
              </Button>
            ) : null}
          </span>
        </div>
        {tie.error === null ? null : <ErrorPanel error={tie.error} testid="flow-error" />}
        {flow.locked ? <p className="zf-help">{t('flow.locked')}</p> : null}
        {part === 'files' ? (
          <BankFiles accountId={flow.account_id} />
        ) : part === 'bank' ? (
          <Withdrawals flow={flow} />
        ) : flow.tied_at === null ? (
          <p className="zf-t2">{t('flow.state_note')}</p>
        ) : (
          <>
            <Balance flow={flow} />
            <FlowFindings key={`${flow.account_id}-${flow.date}`} flow={flow} />
          </>
        )}
      </div>
    </Overlay>
  )
}

/** Where the day begins and ends, and whether every row follows. */
function Balance({ flow }: { flow: FlowDay }) {
  const t = useT()
  const line = flow.balance
  const broken = line?.first_break ?? null
  return (
    <div className="zf-flow-facts" data-testid="flow-facts">
      {line === null ? null : (
        <div>
          <div className="zf-help">{t('flow.opening')}</div>
          <Money value={line.opening} size="strong" />
          <div className={flow.opening === 'differs' ? 'zf-c-br' : 'zf-help'}>
            {t(`flow.opening.${flow.opening}`, { money: flow.closing_before === null ? '' : moneyText(flow.closing_before) })}
          </div>
        </div>
      )}
      {line === null ? null : (
        <div>
          <div className="zf-help">{t('flow.closing')}</div>
          <Money value={line.closing} size="strong" />
          <div className={broken === null ? 'zf-help' : 'zf-c-br'}>
            {broken === null
              ? t('flow.no_break', { n: count(flow.flow_rows) })
              : t('flow.break', { line: count(broken.line), expected: moneyText(broken.expected), printed: moneyText(broken.printed), n: count(line.breaks) })}
          </div>
        </div>
      )}
      <div>
        <div className="zf-help">{t('flow.tied_count')}</div>
        <div className="zf-strong">{t('flow.tied_of', { n: count(flow.tied), all: count(flow.trade_rows) })}</div>
        <div className="zf-help">{flow.tied_at === null ? '' : t('flow.tied_by', { name: flow.tied_by ?? t('flow.by_program'), time: timeText(flow.tied_at, 'short') })}</div>
      </div>
    </div>
  )
}
